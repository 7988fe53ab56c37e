"""What the OpenAPI file cannot say to schemathesis."""

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
