"""`/uploads/{name}` serves photos and nothing else that lies beside them."""

import pytest

pytestmark = pytest.mark.anyio

NAME = "0123456789abcdef0123456789abcdef.jpg"


@pytest.fixture
def folder(outpatient):
    outpatient.settings.upload_dir.mkdir(parents=True, exist_ok=True)
    return outpatient.settings.upload_dir


@pytest.mark.parametrize(
    "name",
    [
        "",
        "secret.txt",
        ".env",
        "../outbox",
        "%2e%2e%2foutbox",
        NAME.upper(),
        NAME + "%0a",
        NAME + "/",
        "." + NAME,
        "x" * 5000,
    ],
)
async def test_only_names_of_our_own_form_are_served(http, folder, name):
    for secret in ("secret.txt", ".env", "." + NAME):
        (folder / secret).write_text("secret")

    answer = await http.get(f"/uploads/{name}")

    assert answer.status_code == 404
    assert "secret" not in answer.text


async def test_a_photo_that_is_gone_is_not_found(http, folder):
    assert (await http.get(f"/uploads/{'f' * 32}.jpg")).status_code == 404


async def test_photos_are_only_read(http, folder):
    (folder / NAME).write_bytes(b"photo")

    assert (await http.head(f"/uploads/{NAME}")).status_code == 200
    assert (await http.get(f"/uploads/{NAME}")).content == b"photo"
    assert (await http.delete(f"/uploads/{NAME}")).status_code == 405
    assert (await http.post(f"/uploads/{NAME}")).status_code == 405
