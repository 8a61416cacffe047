"""A user's photo: `POST /users/me/photo` and `GET /uploads/{name}`."""

import io
import re
import zlib

import pytest
from PIL import Image

from outpatient.adapters.photos import MAX_BYTES

pytestmark = pytest.mark.anyio

RED, BLUE = (220, 30, 30), (30, 30, 220)


def picture(kind="PNG", size=(64, 48), colour=RED, **options) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind, **options)
    return file.getvalue()


async def send(who, content: bytes, name="me.png", kind="image/png"):
    return await who.call("POST", "/users/me/photo", files={"file": (name, content, kind)})


async def shown(who, content: bytes) -> Image.Image:
    """Send a photo and look at what is served for it."""
    answer = await send(who, content)
    assert answer.status_code == 201, answer.text
    return Image.open(io.BytesIO((await who.http.get(answer.json()["data"]["photoUrl"])).content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_photo_is_kept_and_served(as_patient, outpatient, kind):
    answer = await send(as_patient, picture(kind))

    assert answer.status_code == 201, answer.text
    url = answer.json()["data"]["photoUrl"]
    assert re.fullmatch(re.escape(outpatient.settings.base_url) + r"/uploads/[0-9a-f]{32}\.jpg", url)
    assert (await as_patient.get("/users/me")).json()["data"]["photoUrl"] == url
    served = await as_patient.http.get(url)
    assert served.status_code == 200
    assert served.headers["content-type"] == "image/jpeg"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]
    assert "immutable" in served.headers["cache-control"]
    assert Image.open(io.BytesIO(served.content)).size == (64, 48)


async def test_a_large_photo_is_made_to_fit(as_patient):
    assert (await shown(as_patient, picture("JPEG", (3000, 1500)))).size == (1024, 512)


async def test_a_photo_stands_upright_and_tells_nothing_of_its_place(as_patient):
    """A phone held sideways writes orientation 6 and where it was."""
    sideways = Image.new("RGB", (80, 40), RED)
    sideways.paste(BLUE, (0, 0, 40, 40))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera of Asha"
    file = io.BytesIO()
    sideways.save(file, "JPEG", exif=exif, comment=b"taken at home", quality=95)

    photo = await shown(as_patient, file.getvalue())

    assert photo.size == (40, 80)
    top, bottom = photo.getpixel((20, 10)), photo.getpixel((20, 70))
    assert top[2] > top[0] and bottom[0] > bottom[2]
    assert not photo.getexif()
    assert "comment" not in photo.info


async def test_what_is_transparent_becomes_white(as_patient):
    file = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(file, "PNG")

    assert (await shown(as_patient, file.getvalue())).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "I;16"])
async def test_every_kind_of_colour_is_read(as_patient, mode):
    file = io.BytesIO()
    Image.new(mode, (10, 10)).save(file, "JPEG" if mode == "CMYK" else "PNG")

    assert (await shown(as_patient, file.getvalue())).mode == "RGB"


async def test_what_hides_behind_a_picture_is_not_served(as_patient):
    answer = await send(as_patient, picture("JPEG") + b"<script>alert(1)</script>PK\x05\x06")

    served = await as_patient.http.get(answer.json()["data"]["photoUrl"])
    assert b"<script>" not in served.content
    assert b"PK\x05\x06" not in served.content


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 100,000 × 100,000 pixels."""
    png = bytearray(picture())
    png[16:24] = (100_000).to_bytes(4, "big") * 2
    png[29:33] = zlib.crc32(png[12:29]).to_bytes(4, "big")
    return bytes(png)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a JPEG"),
        (b"hello", "not a JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a JPEG"),
        (b"<html><script>alert(1)</script></html>" + picture(), "not a JPEG"),
        (b"%PDF-1.7\n" + picture("JPEG"), "not a JPEG"),
        (picture("GIF"), "not a JPEG"),
        (picture("BMP"), "not a JPEG"),
        (picture("PNG", (400, 400))[:200], "not a JPEG"),
        (picture("JPEG", (400, 400))[:300], "not a JPEG"),
        (bomb(), "25 megapixels"),
        (picture("PNG", (5001, 5000)), "25 megapixels"),
    ],
    ids=["empty", "text", "svg", "html", "pdf", "gif", "bmp", "half-png", "half-jpeg", "bomb", "too-wide"],
)
async def test_what_is_no_photo_is_refused(as_patient, outpatient, content, why):
    before = sorted(outpatient.settings.upload_dir.glob("*"))

    refused = await send(as_patient, content)

    assert refused.status_code == 400, refused.text
    assert refused.json()["error"]["code"] == "VALIDATION_ERROR"
    assert why in refused.json()["error"]["details"]["file"]
    assert sorted(outpatient.settings.upload_dir.glob("*")) == before
    assert (await as_patient.get("/users/me")).json()["data"]["photoUrl"] is None


async def test_a_file_of_more_than_five_megabytes_is_refused(as_patient):
    refused = await send(as_patient, picture() + bytes(MAX_BYTES))

    assert refused.status_code == 413
    assert list(refused.json()["error"]["details"]) == ["file"]


async def test_the_file_is_needed(as_patient):
    refused = await as_patient.call("POST", "/users/me/photo", files={"photo": ("me.png", picture(), "image/png")})

    assert refused.status_code == 400
    assert refused.json()["error"]["details"] == {"file": "This field is required"}


async def test_the_clients_name_of_the_file_means_nothing(as_patient, outpatient):
    answer = await send(as_patient, picture(), name="../../../evil.html", kind="text/html")

    assert answer.status_code == 201
    assert (await as_patient.http.get(answer.json()["data"]["photoUrl"])).headers["content-type"] == "image/jpeg"
    assert not list(outpatient.settings.upload_dir.parent.rglob("evil*"))


async def test_a_new_photo_replaces_the_old_one(as_patient):
    old = (await send(as_patient, picture())).json()["data"]["photoUrl"]
    new = (await send(as_patient, picture(colour=BLUE))).json()["data"]["photoUrl"]

    assert old != new
    assert (await as_patient.http.get(old)).status_code == 404
    assert (await as_patient.http.get(new)).status_code == 200
    assert (await as_patient.get("/users/me")).json()["data"]["photoUrl"] == new


async def test_staff_have_photos_too_and_nobody_has_none(as_clinician, as_nobody):
    assert (await send(as_clinician, picture())).status_code == 201
    assert (await send(as_nobody, picture())).status_code == 401
