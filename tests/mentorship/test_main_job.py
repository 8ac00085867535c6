"""The main job: a mentor offers a time, a youth asks for it, they meet, the youth says how it was."""

from support.asking import told
from support.house import House
from support.mentorship import REQUEST, answered, asked, guide, mentee, request, slot, status


async def test_asked_answered_met_reviewed(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    time = await slot(house, mentor, hours=48)

    made = await asked(youth, mentor, slotId=time, message="想了解面试准备。")
    assert (made["status"], made["session"]["id"]) == ("REQUESTED", time)
    taken = await answered(mentor, made["id"], meetingUrl="https://meet.example/1")
    assert taken["status"] == "ACCEPTED"
    seen = await request(youth, made["id"], "message meetingUrl session { free }")
    assert seen == {
        "message": "想了解面试准备。",
        "meetingUrl": "https://meet.example/1",
        "session": {"free": False},
    }
    house.clock.move(hours=49)
    await mentor.person.done(
        "completeMentorshipSession", REQUEST, requestId=made["id"], summary="改了简历的第一页"
    )
    await youth.done("reviewMentorship", REQUEST, requestId=made["id"], rating=5, comment="很有帮助")

    seen = await request(mentor.person, made["id"], "status rating comment summary history { status }")
    assert seen["rating"] == 5
    assert (seen["comment"], seen["summary"]) == ("很有帮助", "改了简历的第一页")
    assert [move["status"] for move in seen["history"]] == ["REQUESTED", "ACCEPTED", "COMPLETED"]
    await house.work()
    assert await told(youth) == ["MENTORSHIP_COMPLETED", "MENTORSHIP_ACCEPTED"]
    assert await told(mentor.person) == ["MENTORSHIP_ASKED"]


async def test_more_is_asked_and_said(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    made = await asked(youth, mentor)

    await answered(mentor, made["id"], "ASK_FOR_INFORMATION", note="请说说您的专业")
    assert await status(youth, made["id"]) == "NEEDS_INFORMATION"
    again = {"requestId": made["id"], "message": "我学的是会计"}
    for _ in range(2):
        payload = await youth.done("answerMentorshipRequest", REQUEST, **again)
        assert payload["request"]["status"] == "REQUESTED"
        house.clock.move(minutes=1)

    history = (await request(mentor.person, made["id"], "history { status note }"))["history"]
    assert [(move["status"], move["note"]) for move in history] == [
        ("REQUESTED", None),
        ("NEEDS_INFORMATION", "请说说您的专业"),
        ("REQUESTED", "我学的是会计"),
    ]
    declined = await answered(mentor, made["id"], "DECLINE", note="不在我的领域")
    assert declined["status"] == "DECLINED"
    assert (await answered(mentor, made["id"], "DECLINE"))["status"] == "DECLINED"
