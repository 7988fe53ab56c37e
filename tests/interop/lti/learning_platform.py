"""A small learning platform on the PyPI library `lti1p3platform`.

The library does the protocol: login initiation, launch, deep linking, access tokens, members, line items and scores. This
file gives it routes, one course with a teacher and two learners, and the looks of Moodle where our side can see them
(`allow` of the frame, a JSON hint that is good once, query strings in service URLs). `/control/...` is for the tests.
"""

import html
import json
import secrets
import time
import typing as t
from urllib.parse import urlsplit

import jwt
import uvicorn
from course import (
    BASE,
    COURSE,
    LINEITEMS,
    MEMBERS,
    PEOPLE,
    PORT,
    PUBLIC,
    TITLE,
    Conf,
    Grades,
    Launch,
    Login,
    Members,
    Refused,
    ServiceRequest,
    form,
    launches,
    links,
    seen,
    tools,
)
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from lti1p3platform.exceptions import LtiException, PreflightRequestValidationException
from lti1p3platform.registration import Registration
from lti1p3platform.response import generate_next_link

CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"

registering: dict[str, str] = {}  # registration token -> future client id

# --- routes ----------------------------------------------------------------------------------------------------------

app = FastAPI()


async def fields(request: Request) -> dict:
    """Query and form in one; nothing is given twice here."""
    both = dict(request.query_params)
    if request.method == "POST" and "form" in request.headers.get("content-type", ""):
        both.update({name: value for name, value in (await request.form()).items()})
    return both


async def body(request: Request) -> t.Any:
    raw = await request.body()
    return json.loads(raw) if raw[:1] in b"{[" and raw else None


@app.exception_handler(Refused)
async def refused(request: Request, why: Refused) -> Response:
    seen["refusals"].append(str(why))
    return HTMLResponse(f"<!DOCTYPE html><title>Error</title><h1>Error</h1><p>{html.escape(str(why))}", status_code=404)


def begin(client_id: str, user: str, link: str | None, container: str, names: bool, locale: str) -> Response:
    launch = f"ltilaunch{link}_{secrets.randbelow(10**9)}"
    launches[launch] = {
        "client_id": client_id,
        "user": user,
        "link": link,
        "container": container,
        "names": names,
        "locale": locale,
    }
    # Members of a JSON object with a space and a quote, to be given back as they are.
    hint = json.dumps({"cmid": 4, "launchid": launch, "note": 'a "b" ü'} if link else {"launchid": launch}, ensure_ascii=False)
    login = Login(None, Conf(client_id=client_id))
    login.set_lti_message_hint(hint=hint)
    if link is None:
        login.set_deeplinking_launch_url()
    else:
        login.set_launch_url(links[link]["url"])
    launches[launch]["hint"] = hint
    return login.initiate_login(user)


@app.get("/launch.php")
def launch_page(client_id: str, user: str, link: str = "", container: str = "iframe", names: int = 1, locale: str = "en"):
    return begin(client_id, user, link or None, container, bool(names), locale)


@app.get("/course.php", response_class=HTMLResponse)
def course_page(client_id: str, user: str, link: str = "", locale: str = "en", names: int = 1, allow: int = 1):
    """A page of the course with the activity in a frame; Deep Linking's frame has no `allow`."""
    tool = urlsplit(tools[client_id]["target_link_uri"])
    origin = f"{tool.scheme}://{tool.netloc}"
    powers = "; ".join(f"{power} {origin}" for power in ("microphone", "camera", "geolocation", "midi", "encrypted-media", "autoplay"))
    allowed = f'allow="{powers}"' if allow and link else ""
    return (
        f'<!DOCTYPE html><html lang="en"><title>{TITLE}</title><h1>{TITLE}</h1>'
        f'<iframe id="contentframe" title="Activity" width="1200" height="700" {allowed} allowfullscreen="1" '
        f'src="/launch.php?client_id={client_id}&user={user}&link={link}&locale={locale}&names={names}"></iframe>'
    )


@app.api_route("/auth.php", methods=["GET", "POST"])
def authorize(given: dict = Depends(fields)):
    """The checks of Moodle's auth.php before the library's launch."""
    seen["authorizations"].append(given)
    for needed in ("scope", "response_type", "client_id", "redirect_uri", "login_hint", "nonce", "response_mode", "lti_message_hint"):
        if not given.get(needed):
            raise Refused(f"{needed} is missing")
    if given["scope"] != "openid":
        raise Refused("scope must be openid")
    try:
        launch = launches.pop(json.loads(given["lti_message_hint"])["launchid"])
    except (ValueError, KeyError):
        raise Refused("the launch is unknown or used up")
    if given["lti_message_hint"] != launch["hint"]:
        raise Refused("the hint has changed")
    tool = tools.get(given["client_id"])
    if tool is None or given["client_id"] != launch["client_id"]:
        raise Refused("unauthorized_client")
    if given["redirect_uri"] not in tool["redirect_uris"]:
        raise Refused(f"redirect_uri {given['redirect_uri']} is not registered")
    problem = None
    if given["login_hint"] != launch["user"]:
        problem = ("access_denied", "")
    elif given["response_mode"] != "form_post":
        problem = ("invalid_request", "Invalid response_mode")
    elif given["response_type"] != "id_token":
        problem = ("unsupported_response_type", "")
    elif given.get("prompt", "none") != "none":
        problem = ("invalid_request", "Invalid prompt")
    if problem:
        seen["refusals"].append(problem[0])
        return form(given["redirect_uri"], error=problem[0], error_description=problem[1], state=given.get("state", ""))
    try:
        return Launch({**given, "launch": launch}, Conf(client_id=given["client_id"])).lti_launch()
    except PreflightRequestValidationException:
        raise Refused("the library refuses the authorization request")


@app.get("/certs.php")
def certs():
    return {"keys": [{**Registration.get_jwk(PUBLIC)}]}


@app.post("/token.php")
def token(request: Request, given: dict = Depends(fields)):
    if request.headers.get("content-type") != "application/x-www-form-urlencoded":
        return JSONResponse({"error": "invalid_request"}, 400)
    claims = jwt.decode(given.get("client_assertion", ""), options={"verify_signature": False})
    if claims.get("sub") not in tools:
        return JSONResponse({"error": "invalid_client"}, 400)
    # What Moodle does not look at, and the specification demands.
    header = jwt.get_unverified_header(given["client_assertion"])
    aud = claims.get("aud")
    wrong = [
        word
        for word, holds in {
            "kid": header.get("kid"),
            "iss": claims.get("iss") == claims["sub"],
            "aud": f"{BASE}/token.php" in (aud if isinstance(aud, list) else [aud]),
            "jti": claims.get("jti"),
            "exp": 0 < claims.get("exp", 0) - time.time() <= 3600,
            "type": given.get("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }.items()
        if not holds
    ]
    if wrong:
        seen["refusals"].append(f"client assertion: {wrong} in {header} {claims}")
        return JSONResponse({"error": "invalid_client"}, 400)
    # As Moodle does it: JSON that says it is HTML.
    return Response(json.dumps(Conf(client_id=claims["sub"]).get_access_token(given)), media_type="text/html")


def service(request: Request, given: t.Any) -> ServiceRequest:
    query = {name: int(value) if name in ("page", "limit") else value for name, value in request.query_params.items()}
    return ServiceRequest(
        {
            "method": request.method,
            "form_data": {},
            "get_data": query,
            "headers": {"Authorization": request.headers.get("authorization", "")},
            "content_type": request.headers.get("content-type"),
            "path": request.url.path,
            "json": given,
        }
    )


def any_conf() -> Conf:
    # Access tokens of this platform are signed by its one key; which tool asks does not matter to the services.
    return Conf(client_id=next(iter(tools)))


def answered(answer, content: t.Any = None) -> Response:
    if answer.code >= 400:
        seen["refusals"].append(f"{answer.code} {answer.message}")
        return JSONResponse({"status": answer.code, "reason": answer.message}, answer.code)
    headers = {}
    result = answer.result
    if isinstance(result, dict) and result.get("next"):
        headers["Link"] = generate_next_link(result.pop("next"))
    payload = content(result) if content else result
    return Response("" if payload is None else json.dumps(payload), answer.code, headers, answer.media_type)


@app.get("/services.php/CourseSection/{course}/bindings/{binding}/memberships")
def members(request: Request, course: str, binding: str):
    accept = request.headers.get("accept", "")
    seen["members"].append({"query": dict(request.query_params), "accept": accept})
    if accept and "*/*" not in accept and accept != "application/vnd.ims.lti-nrps.v2.membershipcontainer+json":
        return JSONResponse({"status": 400, "reason": "No handler found"}, 400)
    asked = service(request, None)
    page = asked.get_data.get("page", 1)
    answer_for = Members(asked, any_conf(), MEMBERS)
    answer = answer_for.handle_resp(answer_for.handle_get_members)
    if answer.result and 2 * page < len(PEOPLE):
        answer.result["next"] = f"{MEMBERS}?page={page + 1}"
    return answered(answer)


@app.api_route("/services.php/{course}/lineitems", methods=["GET", "POST"])
def line_items(request: Request, course: str, given: t.Any = Depends(body)):
    if request.query_params.get("type_id") != "1":
        seen["refusals"].append(f"the query of the line items' URL was lost: {request.url}")
        return JSONResponse({"status": 404, "reason": "no type_id"}, 404)
    grades = Grades(service(request, given), any_conf(), LINEITEMS)
    if request.method == "POST":
        if request.headers.get("content-type") != "application/vnd.ims.lis.v2.lineitem+json":
            seen["refusals"].append(f"line item as {request.headers.get('content-type')}")
            return JSONResponse({"status": 400, "reason": "No handler found"}, 400)
        return answered(grades.handle_resp(grades.handle_create_lineitem))
    return answered(grades.handle_resp(grades.handle_get_lineitems), lambda page: page["content"])


@app.get("/services.php/{course}/lineitems/{item}/lineitem")
def line_item(request: Request, course: str, item: str):
    grades = Grades(service(request, None), any_conf(), LINEITEMS)
    return answered(grades.handle_resp(grades.handle_get_lineitem, line_item_id=item))


@app.post("/services.php/{course}/lineitems/{item}/lineitem/scores")
def score(request: Request, course: str, item: str, given: t.Any = Depends(body)):
    if request.query_params.get("type_id") != "1":
        seen["refusals"].append(f"the query of the line item's URL was lost: {request.url}")
        return JSONResponse({"status": 404, "reason": "no type_id"}, 404)
    if request.headers.get("content-type") != "application/vnd.ims.lis.v1.score+json":
        seen["refusals"].append(f"score as {request.headers.get('content-type')}")
        return JSONResponse({"status": 400, "reason": "No handler found"}, 400)
    seen["scores"].append({"item": item, **given})
    grades = Grades(service(request, given), any_conf(), LINEITEMS)
    return answered(grades.handle_resp(grades.handle_update_score, line_item_id=item))


@app.post("/deep-link-return")
def deep_link_return(request: Request, given: dict = Depends(fields)):
    """As Moodle's contentitem_return.php: `iss` names the tool; the items become activities."""
    if request.query_params.get("sesskey") != "aBc":
        raise Refused("the query of the return URL was lost")
    claims = jwt.decode(given["JWT"], options={"verify_signature": False})
    if claims.get("iss") not in tools:
        raise Refused(f"iss {claims.get('iss')} is no client id")
    conf = Conf(client_id=claims["iss"]).set_accepted_deeplinking_types(["ltiResourceLink"])
    try:
        items = conf.validate_deeplinking_resp(given)
    except LtiException as error:
        raise Refused(f"the library refuses the response: {error}")
    settings = "https://purl.imsglobal.org/spec/lti-dl/claim/"
    lti = "https://purl.imsglobal.org/spec/lti/claim/"
    wrong = [
        word
        for word, holds in {
            "aud": claims.get("aud") in (BASE, [BASE]),
            "nonce": claims.get("nonce"),
            "data": claims.get(f"{settings}data") == "csrf:7f3a",
            "version": claims.get(f"{lti}version") == "1.3.0",
            "deployment_id": claims.get(f"{lti}deployment_id") == tools[claims["iss"]]["deployment_id"],
        }.items()
        if not holds
    ]
    if wrong:
        raise Refused(f"wrong in the response: {wrong}: {claims}")
    made = []
    for item in items:
        number = str(len(links) + 1)
        links[number] = {
            "url": item.get("url", tools[claims["iss"]]["target_link_uri"]),
            "title": item.get("title", ""),
            "custom": item.get("custom", {}),
        }
        made.append(number)
    seen["returns"].append({"links": made, "items": items})
    return HTMLResponse(f"<!DOCTYPE html><title>Done</title><h1>Activities made: {len(made)}</h1>")


@app.get("/left", response_class=HTMLResponse)
def left():
    return f"<!DOCTYPE html><title>{TITLE}</title><h1>Back in the course</h1>"


# --- dynamic registration, by Moodle's rules -------------------------------------------------------------------------


@app.get("/register.php", response_class=HTMLResponse)
def register_page(tool: str):
    """The frame of 'Add LTI Advantage'; closes when the tool's page says so."""
    registration_token = secrets.token_urlsafe(24)
    registering[registration_token] = secrets.token_hex(8)
    sign = "&" if "?" in tool else "?"
    url = f"{tool}{sign}openid_configuration={BASE}/openid-configuration.php&registration_token={registration_token}"
    return (
        '<!DOCTYPE html><html lang="en"><title>Manage tools</title><h1>Manage tools</h1>'
        f'<iframe id="contentframe" title="Registration" width="1000" height="600" src="{html.escape(url)}"></iframe><p id="said"></p>'
        "<script>addEventListener('message', (e) => { if (e.data?.subject === 'org.imsglobal.lti.close') "
        "{ document.getElementById('contentframe').remove(); document.getElementById('said').textContent = 'The tool has closed the page.' } })</script>"
    )


@app.get("/openid-configuration.php")
def openid_configuration():
    lis = "https://purl.imsglobal.org/spec/lti"
    return {
        "issuer": BASE,
        "token_endpoint": f"{BASE}/token.php",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{BASE}/certs.php",
        "authorization_endpoint": f"{BASE}/auth.php",
        "registration_endpoint": f"{BASE}/openid-registration.php",
        "scopes_supported": [
            f"{lis}-ags/scope/lineitem",
            f"{lis}-ags/scope/lineitem.readonly",
            f"{lis}-ags/scope/result.readonly",
            f"{lis}-ags/scope/score",
            f"{lis}-nrps/scope/contextmembership.readonly",
            f"{lis}-bo/scope/basicoutcome",
            f"{lis}-ts/scope/toolsetting",
        ],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        CONFIGURATION: {
            "product_family_code": "moodle",
            "version": "2024100705.01",
            "messages_supported": [
                {"type": "LtiResourceLinkRequest"},
                {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
            ],
            "variables": ["Context.id", "CourseSection.title", "Person.name.full", "User.id"],
        },
    }


@app.post("/openid-registration.php")
def openid_registration(request: Request, given: t.Any = Depends(body)):
    def no(code: int, why: str) -> JSONResponse:
        seen["refusals"].append(f"registration: {why}")
        return JSONResponse({"message": why}, code)

    words = request.headers.get("authorization", "").split()
    if len(words) != 2 or words[0] != "Bearer":
        return no(401, "missing_registration_token")
    client_id = registering.pop(words[1], None)
    if client_id is None:
        return no(401, "token_already_used")
    if not isinstance(given, dict):
        return no(400, "no JSON")
    for needed in ("response_types", "initiate_login_uri", "redirect_uris", "client_name", "jwks_uri", "token_endpoint_auth_method"):
        if not given.get(needed):
            return no(400, f"missing_{needed}")
    if "id_token" not in given["response_types"]:
        return no(400, "invalid_response_types")
    if given["token_endpoint_auth_method"] != "private_key_jwt":
        return no(400, "invalid_token_endpoint_auth_method")
    if given.get("application_type", "web") != "web":
        return no(400, "invalid_application_type")
    tool = given.get(TOOL) or {}
    if not tool.get("domain"):
        return no(400, "missing_domain")
    target = tool.get("target_link_uri") or f"https://{tool['domain']}"
    if urlsplit(target).netloc != tool["domain"]:
        return no(400, "domain_targetlinkuri_mismatch")
    deep = [one for one in tool.get("messages", []) if one.get("type") == "LtiDeepLinkingRequest"]
    deployment = str(len(tools) + 1)
    tools[client_id] = {
        "client_id": client_id,
        "deployment_id": deployment,
        "target_link_uri": target,
        "deep_linking_uri": (deep[0].get("target_link_uri") if deep else None) or target,
        "initiate_login_uri": given["initiate_login_uri"],
        "redirect_uris": given["redirect_uris"],
        "jwks_uri": given["jwks_uri"],
    }
    seen["registrations"].append({"client_id": client_id, "given": given})
    return {**given, "client_id": client_id, TOOL: {**tool, "deployment_id": deployment}}


# --- for the tests ---------------------------------------------------------------------------------------------------


@app.post("/control/tool")
def control_tool(given: t.Any = Depends(body)):
    """By hand: an administrator types what the tool's page shows."""
    tools[given["client_id"]] = given
    return {}


@app.post("/control/link")
def control_link(given: t.Any = Depends(body)):
    """A teacher adds an activity by hand."""
    number = str(len(links) + 1)
    links[number] = {"custom": {}, **given}
    return {"link": number}


@app.get("/control/seen")
def control_seen():
    return seen


uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
