#!/bin/sh
# Makes a Python environment with the test oracles: python.sh FOLDER REQUIREMENTS. Does nothing when the requirements have not changed.
set -eu
folder=$1
requirements=$2
if [ -f "$folder/requirements.txt" ] && cmp -s "$requirements" "$folder/requirements.txt"; then exit 0; fi
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
# With their requirement of a newer Python ignored, and without dependencies: ignoring it there too would choose versions that cannot be built.
"$folder/bin/pip" install --quiet --disable-pip-version-check --ignore-requires-python --no-deps -r "${requirements%.txt}-newer-python.txt"
cp "$requirements" "$folder/requirements.txt"
