#!/usr/bin/env python3
"""One camera's lamp in a terminal: python3 lamp.py http://127.0.0.1:8446 TOKEN_FILE CAMERA

A lamp of yours does the same: ask a few times a second, and show nothing when no answer comes.
"""

import json
import sys
import time
import urllib.error
import urllib.request

COLOURS = {"program": "RED", "preview": "GREEN", "idle": "off", "unknown": "unknown"}


def lamp(address, token, camera):
    request = urllib.request.Request(f"{address}/tally/{camera}", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=1) as answer:
            return COLOURS.get(json.load(answer)["tally"], "unknown")
    except urllib.error.HTTPError as refusal:
        sys.exit(json.load(refusal)["title"]) if refusal.code in (401, 404) else None
    except OSError:
        pass
    return "unknown"


def main():
    address, token_file, camera = sys.argv[1:4]
    with open(token_file, encoding="ascii") as file:
        token = file.read().strip()
    shown = None
    while True:
        now = lamp(address, token, camera)
        if now != shown:
            print(f"camera {camera}: {now}", flush=True)
            shown = now
        time.sleep(0.2)


if __name__ == "__main__":
    main()
