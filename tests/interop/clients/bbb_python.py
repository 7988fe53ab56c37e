"""Drives a server by the PyPI client `bigbluebutton-api-python`; prints what the client understood as JSON.

Usage: bbb_python.py URL SECRET STEP, with one of the steps below.
"""

import json
import sys

from bigbluebutton_api_python import BigBlueButton
from bigbluebutton_api_python.exception import BBBException

client = BigBlueButton(sys.argv[1], sys.argv[2])
ID = "Klasse 7b / Mathe [1]"


def create():
    answers = []
    # With one meeting in the list this client mistakes its elements for meetings, so there are two.
    for meeting in (ID, "second"):
        params = {"name": "Brüche & mehr <7b>", "attendeePW": "ap1234", "moderatorPW": "mp1234", "record": False}
        answer = client.create_meeting(meeting, params=params, meta={"bbb-origin": "Schülerportal"})
        answers.append(
            {
                "id": str(answer.get_meetingid()),
                "created": answer.get_create_time(),
                "attendee": str(answer.get_attendee_pw()),
                "moderator": str(answer.get_moderator_pw()),
                "ended": answer.has_been_forcibly_ended(),
                "voice": str(answer.get_voice_bridge()),
                "dial": str(answer.get_dial_number()),
            }
        )
    return answers


def join():
    return {
        "moderator": client.get_join_meeting_url("Frau Beispiel", ID, "mp1234", params={"userID": "7"}),
        "viewer": client.get_join_meeting_url("Jörg Müller", ID, "ap1234", params={"userID": "8"}),
        "stranger": client.get_join_meeting_url("Eve", ID, "guessed", params={"userID": "9"}),
    }


def info():
    answer = client.get_meeting_info(ID)
    meeting = answer.get_meetinginfo()
    return {
        "running": client.is_meeting_running(ID).is_meeting_running(),
        "version": str(client.get_api_version().get_field("version")),
        "name": str(meeting.get_meetingname()),
        "participants": meeting.get_participantcount(),
        "moderators": int(meeting.get_moderator_count()),
        "started": meeting.get_start_time(),
        "attendees": [
            {"name": str(one.get_fullname()), "role": str(one.get_role()), "user": str(one.get_userid())}
            for one in answer.get_attendees()
        ],
        "meetings": sorted(str(one.get_meetingid()) for one in client.get_meetings().get_meetings()),
    }


def end():
    answers = {}
    for word, call in {
        "wrong password": lambda: client.end_meeting(ID, "ap1234"),
        "right password": lambda: client.end_meeting(ID, "mp1234"),
        "once more": lambda: client.end_meeting(ID, "mp1234"),
        "second": lambda: client.end_meeting("second", "mp1234"),
        "recordings": lambda: client.get_recordings(ID),
        "none": lambda: client.get_meetings(),
    }.items():
        try:
            answers[word] = str(call().get_return_code())
        except BBBException as refused:
            answers[word] = str(refused.key)
    answers["running"] = client.is_meeting_running(ID).is_meeting_running()
    return answers


print(json.dumps({"create": create, "join": join, "info": info, "end": end}[sys.argv[3]]()))
