"""Text is decoded line by line: UTF-8 where it is that, one older encoding where it is not, and never a loss unseen."""

import io
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frameshift.corpus.encoding import Lines, decode_page, detect_encoding, read_text
from frameshift.errors import UserError

# Sentences of news as a small file has them, and the encoding that a program of their place would have saved them in.
SAMPLES = [
    ("cp1252", "The minister said: “We won’t close the border” – and left."),
    ("cp1252", "He paid €20 at a café in Malmö, police said."),
    ("cp1252", "Die Regierung will die Grenzen für Flüchtlinge öffnen, sagte der Minister."),
    ("cp1252", "Le président a évoqué la menace terroriste à l’Assemblée."),
    ("cp1252", "¿Qué hará el Gobierno español ante la situación migratoria?"),
    ("cp1252", "A situação na fronteira é crítica, segundo o relatório."),
    ("cp1252", "Perché l’Italia non può più accogliere? Il dibattito è aperto."),
    ("cp1252", "Regeringen ønsker skærpede regler for flygtninge på øerne."),
    ("cp1252", "Åtgärderna får kritik från flera håll."),
    ("cp1250", "Rząd zapowiedział zaostrzenie kontroli na granicy z Białorusią."),
    ("cp1250", "Vláda chce zpřísnit kontroly na hranicích se Slovenskem."),
    ("cp1250", "A rendőrség két férfit vett őrizetbe Győrben."),
    ("iso8859_2", "Wśród zatrzymanych są też żołnierze."),
    ("cp1254", "Cumhurbaşkanı güvenliğin en önemli konu olduğunu söyledi."),
    ("cp1251", "Правительство объявило об усилении контроля на границе."),
    ("koi8_r", "Полиция задержала двух мужчин в Москве."),
    ("cp1253", "Η αστυνομία συνέλαβε δύο άνδρες στην Αθήνα."),
    ("cp1256", "أعلنت الحكومة تشديد الرقابة على الحدود."),
    ("cp932", "警察は東京で二人の男を逮捕した。"),
    ("big5", "警方在台北逮捕了兩名男子。"),
    ("cp949", "정부는 국경 통제를 강화한다고 발표했다."),
    ("gb18030", "政府宣布加强边境管控。警方在北京逮捕了两名男子。难民将可以申请保护。"),
]


def lines_of(raw, **options):
    lines = Lines(io.BytesIO(raw), "a.txt", **options)
    return [(line, lines.end_record()) for line in lines]


def texts_of(raw, **options):
    given = lines_of(raw, **options)
    assert not any(problem for _, problem in given)
    return [line for line, _ in given]


@pytest.mark.parametrize(("encoding", "sentence"), SAMPLES)
def test_one_sentence_is_enough_to_tell_an_older_encoding(encoding, sentence):
    raw = sentence.encode(encoding)
    assert texts_of(raw) == [sentence]
    assert raw.decode(detect_encoding(raw)) == sentence


def test_few_letters_are_taken_for_windows_1252():
    for words in ("C,café", "Malmö", "Peña Nieto", "São Paulo", "Zürich and Genève", "said “no”", "“No—” he said"):
        assert detect_encoding(words.encode("cp1252")) == "cp1252"


def test_lines_that_are_utf_8_stay_that_and_the_others_are_told_once_in_the_log(caplog):
    raw = "naïve\n".encode() + "première fois à l’école\n".encode("cp1252") + "Вёз\n".encode() + "ça\n".encode("cp1252")
    assert texts_of(raw) == ["naïve\n", "première fois à l’école\n", "Вёз\n", "ça\n"]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "a.txt: lines that are not UTF-8 were read as cp1252: 2, the first one line 2" in record.getMessage()


def test_all_lines_help_to_tell_the_encoding_of_the_first():
    sentences = [sentence for encoding, sentence in SAMPLES if encoding == "cp1250"]
    raw = "\n".join(["Białoruś", *sentences]).encode("cp1250")
    assert texts_of(raw)[0] == "Białoruś\n"


def test_the_encoding_is_told_without_reading_all_of_the_stream():
    class Counted(io.BytesIO):
        n_read = 0

        def readinto(self, buffer):
            n = super().readinto(buffer)
            self.n_read += n
            return n

    stream = Counted("un café à la carte, s’il vous plaît\n".encode("cp1252") * 60_000)
    lines = Lines(io.BufferedReader(stream), "a.txt")
    assert next(lines).startswith("un café")
    assert stream.n_read < 1_200_000
    assert sum(1 for _ in lines) == 59_999


def test_a_mark_at_the_beginning_decides():
    text = "head,body\nDvořák,Łódź ਊ Ċ\n"  # characters with the byte of a line end among theirs
    for encoding in ("utf-8-sig", "utf-16"):
        assert texts_of(text.encode(encoding)) == text.splitlines(keepends=True)
    assert texts_of(b"\xfe\xff" + text.encode("utf-16-be")) == text.splitlines(keepends=True)
    assert detect_encoding(text.encode("utf-16")) == "utf-16"
    assert detect_encoding(text.encode()) == "utf-8"


def test_what_is_broken_in_utf_16_costs_its_line_only():
    raw = "a\nb".encode("utf-16") + b"\x00\xd8" + "\nc\n".encode("utf-16-le") + b"\x00"
    given = lines_of(raw)
    assert [problem is None for _, problem in given] == [True, False, True, False]
    assert given[1][1] == "a character of line 2 is not utf-16; convert the file or set corpus.encoding"


def test_a_line_of_utf_8_with_a_broken_character_keeps_the_others(caplog):
    raw = "“Größe” – naïve café".encode()[:-1] + b"\n"  # cut off within a character, as a database does
    assert texts_of(raw) == ["“Größe” – naïve caf\ufffd\n"]
    assert "a few bytes are not UTF-8 and were replaced: 1, the first one line 1" in caplog.text


def test_a_line_in_no_known_encoding_has_a_problem_that_names_the_byte():
    given = lines_of(b"caf\xe9\nx\x81y\nz")
    assert [problem is None for _, problem in given] == [True, False, True]
    assert given[1][1].startswith("byte 0x81 at 2 of line 2 is neither UTF-8 nor cp1252; convert the file or set")


def test_a_named_encoding_is_used_strictly():
    assert texts_of("Łódź\n".encode("cp1250"), encoding="windows-1250") == ["Łódź\n"]
    assert texts_of("Łódź\nb".encode("utf-16-le"), encoding="utf-16-le") == ["Łódź\n", "b"]
    assert texts_of("\ufeffŁódź".encode(), encoding="utf8") == ["Łódź"]
    ((_, problem),) = lines_of(b"caf\xe9", encoding="utf-8")
    assert problem.startswith("byte 0xe9 at 4 of line 1 is not utf-8;")


@pytest.mark.parametrize("name", ["latein", "base64", ""])
def test_an_encoding_that_does_not_exist_is_refused(name):
    with pytest.raises(UserError, match=r"corpus\.encoding: no encoding is called"):
        Lines(io.BytesIO(b"x"), "a.txt", encoding=name)


def test_a_line_that_is_too_long_is_skipped_and_has_a_problem():
    raw = b"a\n" + b"x" * 3_000_000 + b"\nb\n" + b"y" * 2_000_000
    assert [(line, problem) for line, problem in lines_of(raw, limit=1 << 20)] == [
        ("a\n", None),
        ("\n", "line 2 is longer than 1 MB"),
        ("b\n", None),
        ("\n", "line 4 is longer than 1 MB"),
    ]


def test_a_long_line_met_while_looking_ahead_is_skipped_as_well():
    raw = b"caf\xe9\n" + b"x" * 3_000_000 + b"\nb\n"
    assert [line for line, _ in lines_of(raw, limit=1 << 20)] == ["café\n", "\n", "b\n"]


def test_lines_are_given_back_with_their_problems():
    lines = Lines(io.BytesIO(b"a\nb\x81\xff\nc\n"), "a.txt", encoding="utf-8")
    assert len(list(lines)) == 3
    lines.give_back_all_but_first()
    assert (lines.number, lines.end_record()) == (1, None)
    assert next(lines).startswith("b")
    assert lines.end_record().startswith("byte 0x81")
    assert (next(lines), lines.end_record(), lines.number) == ("c\n", None, 3)


def test_a_text_that_is_too_long_has_a_problem():
    assert read_text(io.BytesIO(b"ab\n" * 10), "a.txt", limit=30) == ("ab\n" * 10, None)
    assert read_text(io.BytesIO(b"ab\n" * 400_000), "a.txt", limit=1 << 20) == ("", "longer than 1 MB")


@pytest.mark.parametrize(
    "declared", ['<meta charset="{}">', "<meta content='text/html; CHARSET={}'>", "<?xml version='1.0' encoding='{}'?>"]
)
@pytest.mark.parametrize(
    ("name", "codec", "text"),
    [
        ("windows-1251", "cp1251", "Вёз"),
        ("ISO-8859-1", "cp1252", "“é”"),  # browsers take it for windows-1252, and so do pages
        ("gb2312", "gb18030", "政府 镕"),
        ("Shift_JIS", "cp932", "①警察"),
        ("no-such-name", "utf-8", "naïve"),
    ],
)
def test_the_encoding_that_a_page_declares_is_believed(declared, name, codec, text):
    page = f"<html>{declared.format(name)}<p>{text}</p></html>"
    assert decode_page(page.encode(codec), "a.html") == (page, None)


def test_a_page_that_is_utf_8_is_that_whatever_it_declares():
    page = "<meta charset=iso-8859-1><p>“Größe”</p>"
    assert decode_page(page.encode(), "a.html") == (page, None)
    assert decode_page("<p>“Größe”</p>".encode("cp1252"), "a.html") == ("<p>“Größe”</p>", None)


@given(st.text())
def test_whatever_can_be_written_in_utf_8_or_utf_16_is_read_again(text):
    for encoding in ("utf-8-sig", "utf-16"):
        assert "".join(texts_of(text.encode(encoding, "replace"))) == text.encode("utf-8", "replace").decode()
