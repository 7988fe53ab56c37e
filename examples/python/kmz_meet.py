"""A client of the REST API in one file, with nothing but Python's own library.

    KMZ_MEET_URL=http://localhost:8080 KMZ_MEET_API_KEY=... python3 kmz_meet.py

It makes a room, lets a teacher and a pupil in, shows what runs, and deletes the room again. With the demo school, url and
key are in `data/demo.json` (`base_url`, `api_key`).
"""

import json
import os
import sys
import urllib.error
import urllib.request
import uuid


class Problem(Exception):
    """A refusal: a problem document (RFC 9457). `code` is stable."""

    def __init__(self, document: dict):
        super().__init__(document.get("detail", "refused"))
        self.status = document.get("status")
        self.code = document.get("code")


class KmzMeet:
    def __init__(self, url: str, api_key: str):
        self.url = url.rstrip("/")
        self.api_key = api_key

    def call(self, method: str, path: str, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data=data, method=method)
        request.add_header("Authorization", f"Bearer {self.api_key}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Problem(json.loads(error.read())) from None
        return json.loads(text) if text else None

    def create_room(self, title: str, **policy):
        # The same key again gives the same room: a lost answer does not make a second one.
        once = {"Idempotency-Key": str(uuid.uuid4())}
        return self.call("POST", "/rooms", {"title": title, "policy": policy}, once)

    def ticket(self, room: str, user: str, role: str, name: str | None = None):
        """`role`: moderator, member (comes straight in), invited (the same, but not on the list) or guest (knocks)."""
        return self.call("POST", f"/rooms/{room}/tickets", {"user": user, "role": role, "name": name, "lang": "de"})

    def rooms(self):
        """All rooms, page by page."""
        after = ""
        while True:
            page = self.call("GET", f"/rooms?limit=100{after}")
            yield from page["rooms"]
            if "next" not in page:
                return
            after = f"&after={page['next']}"


def main() -> None:
    try:
        meet = KmzMeet(os.environ["KMZ_MEET_URL"], os.environ["KMZ_MEET_API_KEY"])
    except KeyError as missing:
        sys.exit(f"set {missing}: see the top of this file")
    room = meet.create_room("Mathe 7b", door="knock", camera="moderators")
    print("room      ", room["url"])
    print("teacher   ", meet.ticket(room["id"], "teacher-3", "moderator", "Frau Beispiel")["url"])
    print("pupil     ", meet.ticket(room["id"], "pupil-17", "member", "Anna")["url"])
    print("rooms     ", sum(1 for _ in meet.rooms()))
    print("running   ", meet.call("GET", "/conferences")["conferences"])
    try:
        meet.call("GET", f"/rooms/{room['id']}/conference")
    except Problem as problem:
        print("conference", problem.code)
    meet.call("DELETE", f"/rooms/{room['id']}")
    print("deleted")


if __name__ == "__main__":
    main()
