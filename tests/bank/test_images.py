"""Pictures from strangers come out as plain pixels or not at all."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from cbt.bank.images import LARGEST_FILE, LONGEST_SIDE, clean_picture
from cbt.errors import Refusal


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def opened(png: bytes) -> Image.Image:
    picture = Image.open(BytesIO(png))
    picture.load()
    return picture


def chunks(png: bytes) -> set[bytes]:
    names, place = set(), 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        names.add(png[place + 4 : place + 8])
        place += 12 + length
    return names


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises much and holds nothing."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + header
        + struct.pack(">I", zlib.crc32(header))
        + struct.pack(">I", 99)
        + b"IDAT"
    )


RED = Image.new("RGB", (40, 20), "red")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_each_known_format_becomes_a_png(form):
    clean = clean_picture(encoded(RED, form))
    picture = opened(clean.png)
    assert (picture.format, picture.size, (clean.width, clean.height)) == ("PNG", (40, 20), (40, 20))
    red, green, blue = picture.convert("RGB").getpixel((20, 10))
    assert red > 240 and green < 15 and blue < 15


def test_the_hash_is_of_the_png_and_a_clean_picture_stays_the_same():
    clean = clean_picture(encoded(RED, "JPEG"))
    assert clean_picture(clean.png) == clean
    assert len(clean.sha256) == 64


def test_metadata_does_not_come_through():
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    notes = PngInfo()
    notes.add_text("Author", "secret name")
    notes.add_itxt("XML:com.adobe.xmp", "secret words")
    for data in (
        encoded(RED, "PNG", pnginfo=notes, exif=exif, icc_profile=b"secret profile", dpi=(72, 72)),
        encoded(RED, "JPEG", exif=exif, comment=b"secret comment"),
        encoded(RED, "PNG") + b"<script>secret tail</script>",
    ):
        assert b"secret" in data
        clean = clean_picture(data)
        assert b"secret" not in clean.png
        assert chunks(clean.png) <= {b"IHDR", b"IDAT", b"IEND"}


def test_a_photo_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    clean = clean_picture(encoded(RED, "JPEG", exif=exif))
    assert (clean.width, clean.height) == (20, 40)


@pytest.mark.parametrize(
    ("size", "kept"), [((1600, 100), (1600, 100)), ((3200, 100), (1600, 50)), ((100, 2000), (80, 1600))]
)
def test_a_large_picture_is_made_smaller_in_proportion(size, kept):
    clean = clean_picture(encoded(Image.new("L", size), "PNG"))
    assert (clean.width, clean.height) == kept
    assert max(kept) <= LONGEST_SIDE


def test_only_the_first_frame_of_an_animation_is_kept():
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "blue")]
    clean = clean_picture(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert getattr(opened(clean.png), "n_frames", 1) == 1
    assert opened(clean.png).convert("RGB").getpixel((5, 5))[0] > 240


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_a_png_is_drawn(mode):
    assert opened(clean_picture(encoded(Image.new(mode, (8, 8)), "PNG")).png).mode in {"L", "RGB", "RGBA"}


def test_sixteen_bits_of_grey_keep_their_shade():
    clean = clean_picture(encoded(Image.new("I;16", (8, 8), 32768), "PNG"))
    assert opened(clean.png).getpixel((4, 4)) == 128


def test_transparency_is_kept():
    clean = clean_picture(encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG"))
    assert opened(clean.png).getpixel((4, 4))[3] == 0


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "picture_not_readable"),
        (b"no picture at all", "picture_not_readable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "picture_not_readable"),
        (b"%PDF-1.7", "picture_not_readable"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "picture_not_readable"),
        (encoded(RED, "BMP"), "picture_not_readable"),
        (encoded(RED, "TIFF"), "picture_not_readable"),
        (encoded(RED, "ICO"), "picture_not_readable"),
        (encoded(RED, "PNG")[:60], "picture_not_readable"),
        (encoded(Image.effect_noise((200, 200), 90), "JPEG")[:3000], "picture_not_readable"),
        (png_header(0, 0), "picture_not_readable"),
        (png_header(100, 100), "picture_not_readable"),
        (png_header(5000, 4001), "picture_too_large"),
        (png_header(60000, 60000), "picture_too_large"),
        (png_header(11000, 9000), "picture_too_large"),
        (encoded(RED, "PNG") + b"0" * LARGEST_FILE, "picture_too_large"),
    ],
)
def test_what_is_no_picture_or_too_much_is_refused(data, code):
    with pytest.raises(Refusal) as refused:
        clean_picture(data)
    assert refused.value.code == code


def test_a_flood_of_pixels_is_refused_before_a_pixel_is_decoded():
    flood = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(flood) < 200_000
    with pytest.raises(Refusal) as refused:
        clean_picture(flood)
    assert refused.value.code == "picture_too_large"


def test_twenty_megapixels_are_still_read():
    assert clean_picture(encoded(Image.new("L", (5000, 4000)), "PNG")).width == LONGEST_SIDE
