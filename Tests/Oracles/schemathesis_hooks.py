"""What schemathesis cannot know of Docs/openapi.yaml: bodies of media types of their own are any bytes, and a form brings the token of its session."""

import os

import schemathesis
from hypothesis import strategies

for name in ("application/vnd.etsi.asic-e+zip", "application/vnd.sluice.jws+zip", "application/partial-upload"):
    schemathesis.openapi.media_type(name, strategies.binary(max_size=512))


@schemathesis.hook
def before_call(context, case, kwargs):
    token = os.environ.get("SLUICE_FORM_TOKEN")
    if token and isinstance(case.body, dict) and "token" in case.body:
        case.body["token"] = token
