"""Opens packages for Apple Wallet as a telephone does: a line on standard input names a file, the line that answers it is what the pass
says, as JSON. The first argument names the certificate to trust. A list that does not fit the files, or a signature that does not fit the
list, is an error."""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile


def fits(signature, content):
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        verify = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-content", file.name, "-CAfile", sys.argv[1]]
        return subprocess.run([*verify, "-purpose", "any"], input=signature, capture_output=True, check=False).returncode == 0


for line in sys.stdin:
    with zipfile.ZipFile(line.rstrip("\n")) as package:
        files = {name: package.read(name) for name in package.namelist()}
    listed, signature = files.pop("manifest.json"), files.pop("signature")
    digests = {name: hashlib.sha1(content).hexdigest() for name, content in files.items()}
    if json.loads(listed) != digests:
        sys.exit(f"{line.strip()}: the list does not fit the files")
    if not fits(signature, listed) or fits(signature, listed + b" "):
        sys.exit(f"{line.strip()}: the signature does not fit the list")
    print(json.dumps({"files": sorted(files), "pass": json.loads(files["pass.json"])}))
