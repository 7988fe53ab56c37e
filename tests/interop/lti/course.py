"""The course of the test platform, and what the PyPI library `lti1p3platform` wants to be told of it."""

import html
import secrets
import sys
import typing as t

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from lti1p3platform import service_connector
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request as LibraryRequest
from lti1p3platform.score import UpdateScoreStatus

PORT = int(sys.argv[1])
BASE = f"http://127.0.0.1:{PORT}"
COURSE = "2"
TITLE = "Mathematik 7b"
ROLES = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
PEOPLE = {
    "3": ("Frau Lehmpuhl", "Instructor"),
    "4": ("Jörg Müller", "Learner"),
    "5": ("Ayşe Yılmaz", "Learner"),
}

key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = key.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
PUBLIC = (
    key.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)

tools: dict[str, dict] = {}  # by client id
links: dict[str, dict] = {}  # activities of the course
launches: dict[str, dict] = {}  # begun and not used yet
lineitems: dict[str, dict] = {}
scores: dict[str, list] = {}
seen: dict[str, list] = {"members": [], "scores": [], "registrations": [], "returns": [], "refusals": [], "authorizations": []}


class Refused(Exception):
    """The platform shows an error page; the tool gets nothing."""


def form(action: str, **values: str) -> HTMLResponse:
    inputs = "".join(f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in values.items())
    return HTMLResponse(
        f'<!DOCTYPE html><title>…</title><form method="post" action="{html.escape(action)}" id="f">{inputs}</form>'
        '<script>document.getElementById("f").submit()</script>'
    )


class Conf(LTI1P3PlatformConfAbstract):
    def init_platform_config(self, **kwargs: t.Any) -> None:
        self.tool = tools[kwargs["client_id"]]
        self.get_registration()

    def get_registration_by_params(self, **kwargs: t.Any) -> Registration:
        tool = self.tool
        return (
            Registration()
            .set_iss(BASE)
            .set_client_id(tool["client_id"])
            .set_deployment_id(tool["deployment_id"])
            .set_launch_url(tool["target_link_uri"])
            .set_deeplink_launch_url(tool["deep_linking_uri"])
            .set_oidc_login_url(tool["initiate_login_uri"])
            .set_tool_key_set_url(tool["jwks_uri"])
            .set_platform_public_key(PUBLIC)
            .set_platform_private_key(PRIVATE)
        )


class Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, **kwargs: t.Any) -> None:
        self._lti_message_hint = kwargs["hint"]

    def get_redirect(self, url: str) -> Response:
        return RedirectResponse(url, status_code=302)


class Launch(LTIAdvantageMessageLaunchAbstract):
    def get_preflight_response(self) -> dict:
        return self._request

    def prepare_launch(self, preflight_response: dict) -> None:
        launch = self._request["launch"]
        name, role = PEOPLE[launch["user"]]
        self.set_user_data(launch["user"], [ROLES + role], full_name=name if launch["names"] else None)
        self.set_launch_context_claim(COURSE, ["CourseSection"], TITLE, "M7b")
        self.set_launch_presentation_claim(launch["container"], f"{BASE}/left?course={COURSE}&sesskey=aBc")
        self.lti_claim_launch_presentation[
            "https://purl.imsglobal.org/spec/lti/claim/launch_presentation"
        ]["locale"] = launch["locale"]
        self.set_nrps(MEMBERS)
        self.set_id_token_expiration(60)
        if launch["link"] is None:
            self.set_dl(
                f"{BASE}/deep-link-return?course={COURSE}&id=1&sesskey=aBc",
                accept_types={"ltiResourceLink"},
                extra_data="csrf:7f3a",
            )
            return
        link = links[launch["link"]]
        self.set_launch_url(link["url"])
        self.set_resource_link_claim(launch["link"], title=link["title"])
        if link["custom"]:
            self.set_custom_parameters_claim(link["custom"])
        self.set_ags(LINEITEMS)

    def render_launch_form(self, launch_data: dict, **kwargs: t.Any) -> Response:
        return form(launch_data["launch_url"], id_token=launch_data["id_token"], state=launch_data["state"])


class ServiceRequest(LibraryRequest):
    def build_metadata(self, request: dict) -> dict:
        return request


class Members(service_connector.NamesRoleProvisioningService):
    def get_context_by_id(self) -> Context:
        return Context(COURSE, "M7b", TITLE)

    def is_resource_link_valid(self, context_id: str, resource_link_id: str) -> bool:
        return resource_link_id in links

    def get_member_data_page(self, page: int = 1, limit: int | None = None, role=None, since=None, rlid=None, id=None):
        # Pages of two, so that whoever reads only the first one misses somebody.
        people = list(PEOPLE.items())
        content = [
            {"status": "Active", "user_id": user, "name": name, "roles": [role], "lis_person_sourcedid": ""}
            for user, (name, role) in people[2 * (page - 1) : 2 * page]
        ]
        return {"content": content, "has_next": 2 * page < len(people)}


class Grades(service_connector.AssignmentsGradesService):
    def find_lineitems(self, page=1, limit=None, line_item_id=None, resource_link_id=None, resource_id=None, tag=None, type_id=None):
        found = [
            one
            for one in lineitems.values()
            if (resource_link_id in (None, one.get("resourceLinkId")))
            and (resource_id in (None, one.get("resourceId")))
            and (tag in (None, one.get("tag")))
        ]
        return {"content": found, "has_next": False, "next": None}

    def find_lineitem(self, line_item_id: str):
        if line_item_id not in lineitems:
            raise service_connector.LineItemNotFoundException()
        return lineitems[line_item_id]

    def create_lineitem(self, creation_data):
        number = str(len(lineitems) + 1)
        if not creation_data.get("label") or not isinstance(creation_data.get("scoreMaximum"), (int, float)):
            raise service_connector.LtiServiceException("label and scoreMaximum are required", 400)
        if creation_data.get("resourceLinkId", next(iter(links))) not in links:
            raise service_connector.LtiServiceException("this link is not yours", 403)
        lineitems[number] = {**creation_data, "id": f"{BASE}/services.php/{COURSE}/lineitems/{number}/lineitem?type_id=1"}
        return lineitems[number]

    def update_lineitem(self, update_data):
        return lineitems[update_data["id"]]

    def delete_lineitem(self, line_item_id: str) -> None:
        lineitems.pop(line_item_id, None)

    def update_score(self, line_item_id: str, score) -> UpdateScoreStatus:
        self.find_lineitem(line_item_id)
        for needed in ("userId", "timestamp", "activityProgress", "gradingProgress"):
            if needed not in score:
                raise service_connector.LtiServiceException(f"{needed} is required", 400)
        if "scoreGiven" in score and "scoreMaximum" not in score:
            raise service_connector.LtiServiceException("scoreMaximum is required", 400)
        if PEOPLE.get(score["userId"], ("", ""))[1] != "Learner":
            raise service_connector.LtiServiceException("not graded in this course", 400)
        former = scores.setdefault(f"{line_item_id} {score['userId']}", [])
        # Whole seconds, as Moodle compares them; the first one after a wait is newer.
        if former and score["timestamp"][:19] <= former[-1]["timestamp"][:19]:
            return UpdateScoreStatus.OLD_TIMESTAMP
        former.append(score)
        return UpdateScoreStatus.SUCCESS

    def get_results(self, line_item_id, page=1, limit=None, user_id=None):
        return {"content": [], "has_next": False}


MEMBERS = f"{BASE}/services.php/CourseSection/{COURSE}/bindings/1/memberships"
LINEITEMS = f"{BASE}/services.php/{COURSE}/lineitems?type_id=1"
