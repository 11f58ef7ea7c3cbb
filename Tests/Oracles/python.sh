#!/bin/sh
# Makes a Python environment with the test oracles: python.sh FOLDER REQUIREMENTS. Does nothing when the requirements have not changed.
set -eu
folder=$1
requirements=$2
if [ -f "$folder/requirements.txt" ] && cmp -s "$requirements" "$folder/requirements.txt"; then exit 0; fi
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check --ignore-requires-python -r "$requirements"
cp "$requirements" "$folder/requirements.txt"
