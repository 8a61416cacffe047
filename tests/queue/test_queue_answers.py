"""A clinician's queue answered from memory: never past a change that is known, never somebody else's."""


async def test_each_reader_sees_what_is_his(morning, make, hospital):
    """The desk of another centre never gets what this desk was answered."""
    await morning.walk_ins(2)
    elsewhere = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))

    assert len(await morning.queue()) == 2
    answer = await elsewhere.get(f"/queue/doctor/{morning.doctor.clinician_id}")
    assert answer.json()["data"]["queue"] == []


async def test_who_changes_a_queue_reads_it_changed(morning):
    one, two = await morning.walk_ins(2)
    assert await morning.line() == [one, two]

    await morning.next()

    assert await morning.line() == [two]


async def test_word_from_elsewhere_forgets(outpatient, morning):
    await morning.walk_in()
    await morning.queue()
    kept = outpatient.api.state.parts.queue_answers
    assert len(kept)

    outpatient.news.tell()

    assert not len(kept)
