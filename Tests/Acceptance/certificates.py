"""Certificates of servers, good and bad, made by openssl for one test."""
import subprocess


class Authority:
    """Somebody who signs certificates, with its files in a folder; nobody trusts it unless told to."""

    def __init__(self, folder, name="authority"):
        self.folder, self.name = folder, name
        folder.mkdir(exist_ok=True)
        self.certificate, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        _openssl("req", "-x509", *_new_key(self.key), "-days", 2, "-subj", f"/CN=roost test {name}",
                 "-addext", "keyUsage=critical,keyCertSign", "-out", self.certificate)

    def issue(self, name, host="localhost", days=1):
        """The files of a certificate for a host, and of its key. One for -1 days has expired."""
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        extensions.write_text(f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n")
        _openssl("req", *_new_key(key), "-subj", f"/CN={host}", "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                 "-days", days, "-extfile", extensions, "-out", certificate)
        return certificate, key


def self_signed(folder, host="localhost"):
    """The files of a certificate that nobody but its server vouches for, and of its key."""
    certificate, key = folder / "self.pem", folder / "self.key"
    _openssl("req", "-x509", *_new_key(key), "-days", 1, "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
             "-out", certificate)
    return certificate, key


def _new_key(file):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file]


def _openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
