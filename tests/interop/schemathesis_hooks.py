"""What the OpenAPI file cannot say to schemathesis."""

import os
import re
import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    """An Idempotency-Key belongs to one body: another body with the same key is refused, rightly. So each request
    with a well-formed key gets one of its own; badly formed ones stay as they are."""
    headers = case.headers or {}
    for name, value in list(headers.items()):
        if name.lower() == "idempotency-key" and re.fullmatch(r"[!-~]{1,200}", str(value)):
            headers[name] = str(uuid.uuid4())
    if os.environ.get("INTEROP_COOKIE"):
        # It makes up a key and a cookie for what the file says of callers; this one has a session.
        for name in [one for one in headers if one.lower() == "authorization"]:
            del headers[name]
        (case.cookies or {}).clear()
