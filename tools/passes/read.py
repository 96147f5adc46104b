"""Reads pictures of bar codes with ZXing's reader: a line on standard input names a file, the line that answers it is what the
picture says, as JSON: the symbology and the text. No code, or more than one, is an error."""

import json
import sys

import zxingcpp
from PIL import Image

FORMATS = (zxingcpp.BarcodeFormat.Aztec, zxingcpp.BarcodeFormat.PDF417)

for line in sys.stdin:
    with Image.open(line.rstrip("\n")) as picture:
        found = zxingcpp.read_barcodes(picture.convert("L"), formats=FORMATS)
    if len(found) != 1:
        sys.exit(f"{line.strip()}: {len(found)} bar codes")
    print(json.dumps({"symbology": found[0].format.name, "text": found[0].text}))
