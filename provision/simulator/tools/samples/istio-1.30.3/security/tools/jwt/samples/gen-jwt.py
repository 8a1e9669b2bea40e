#!/usr/bin/env python3
"""Signs a JSON Web Token with an RSA key, by openssl."""

import argparse
import base64
import json
import os
import subprocess
import time

ISSUER = "testing@secure.istio.io"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def key_id(key_path):
    jwks = os.path.join(os.path.dirname(os.path.abspath(key_path)), "jwks.json")
    if not os.path.exists(jwks):
        return None
    with open(jwks, encoding="utf-8") as file:
        return json.load(file)["keys"][0]["kid"]


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("key", help="private key, PEM")
    parser.add_argument("-iss", "--iss", default=ISSUER, help="issuer (default %(default)s)")
    parser.add_argument("-sub", "--sub", help="subject; that of the issuer by default")
    parser.add_argument("-aud", "--aud", help="audiences, with commas")
    parser.add_argument("-claims", "--claims", default="", help="other claims: key1:value1,key2:value2")
    parser.add_argument("-listclaim", "--listclaim", action="append", nargs="+", default=[],
                        help="a claim that is a list: key value1 value2")
    parser.add_argument("-expire", "--expire", type=int, default=3600, help="seconds (default %(default)s)")
    return parser.parse_args()


def main():
    options = read_options()
    now = int(time.time())
    payload = {"iss": options.iss, "sub": options.sub or options.iss, "iat": now, "exp": now + options.expire}
    if options.aud:
        payload["aud"] = options.aud.split(",")
    for claim in filter(None, options.claims.split(",")):
        name, _, value = claim.partition(":")
        payload[name] = value
    for name, *values in options.listclaim:
        payload[name] = values
    header = {"alg": "RS256", "typ": "JWT"}
    kid = key_id(options.key)
    if kid:
        header["kid"] = kid
    parts = [encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (header, payload)]
    text = ".".join(parts)
    signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", options.key], input=text.encode(),
                            stdout=subprocess.PIPE, check=True)
    print(f"{text}.{encoded(signed.stdout)}")


if __name__ == "__main__":
    main()
