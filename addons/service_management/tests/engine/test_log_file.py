import csv
import gzip
import io
import tracemalloc
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.log_file import (
    LogFile,
    LogFileError,
    Record,
    Refusal,
    decompress,
)

HEADER = "id,day,text"
TEXT = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\r\n"),
    max_size=12,
)


def read(content, is_whole=lambda values: values["id"].isdecimal()):
    if isinstance(content, str):
        content = content.encode()
    return list(LogFile.open(content).records(is_whole))


def get_texts(answers):
    return [
        answer.values["text"] if isinstance(answer, Record) else answer.reasons[0].code
        for answer in answers
    ]


class TestLogFile(TestCase):
    def test_plain_file_is_read_with_lines(self):
        answers = read(f"{HEADER}\n1,a,x\n\n2,b,y\n")
        self.assertEqual([answer.line for answer in answers], [2, 4])
        self.assertEqual(answers[1].values, {"id": "2", "day": "b", "text": "y"})

    def test_forms_of_the_same_file_say_the_same(self):
        plain = f'{HEADER}\n1,a,"é ""x"", y"\n2,b,\n'
        forms = {
            "bom": b"\xef\xbb\xbf" + plain.encode(),
            "crlf": plain.replace("\n", "\r\n").encode(),
            "gzip": gzip.compress(plain.encode()),
            "utf-16": plain.encode("utf-16"),
            "no last line end": plain.rstrip("\n").encode(),
            "columns in capitals": plain.replace("id,day", " ID ,Day").encode(),
        }
        for name, content in forms.items():
            with self.subTest(name):
                self.assertEqual(get_texts(read(content)), ['é "x", y', ""])

    def test_other_delimiters(self):
        for delimiter in ";\t":
            content = f"{HEADER}\n1,a,x\n".replace(",", delimiter)
            self.assertEqual(get_texts(read(content)), ["x"])

    def test_text_of_several_lines_is_one_record(self):
        answers = read(f'{HEADER}\n1,a,"one\ntwo, 2\nthree"\n2,b,y\n')
        self.assertEqual(get_texts(answers), ["one\ntwo, 2\nthree", "y"])
        self.assertEqual(answers[1].line, 5)

    def test_lost_quote_refuses_its_line_only(self):
        answers = read(f'{HEADER}\n1,a,"lost\n2,b,y\n3,c,"z, z"\n4,d,"lost\n')
        self.assertEqual(get_texts(answers), ["quotes", "y", "z, z", "quotes"])
        self.assertEqual([answer.line for answer in answers], [2, 3, 4, 5])

    def test_broken_records_are_refused_with_the_reason(self):
        cases = {
            "1,a": "columns",
            "1,a,x,more": "columns",
            '1,a,"x"y': "quotes",
            "1,a,x\0": "nul",
        }
        for line, code in cases.items():
            with self.subTest(line):
                self.assertEqual(
                    get_texts(read(f"{HEADER}\n{line}\n2,b,y\n")), [code, "y"]
                )

    def test_bytes_that_are_no_text_are_refused_and_printable(self):
        answers = read(HEADER.encode() + b"\n1,a,\xff\xfe\0\n2,b,y\n")
        self.assertEqual(get_texts(answers), ["nul", "y"])
        answers = read(HEADER.encode() + b"\n1,a,\xff\n2,b,y\n")
        self.assertEqual(get_texts(answers), ["encoding", "y"])
        self.assertEqual(answers[0].raw, "1,a,\ufffd")

    def test_a_small_file_takes_little_memory_whatever_the_limit(self):
        packed = gzip.compress(b"x" * 1000)
        tracemalloc.start()
        try:
            self.assertEqual(len(decompress(packed)), 1000)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertLess(peak, 8 << 20)

    def test_files_that_cannot_be_read(self):
        packed = gzip.compress(b"x" * 1000)
        cases = {
            b"": "empty",
            b"\n\n": "empty",
            packed[:-9]: "damaged",
            b"id,text,ID\n": "column_twice",
        }
        for content, code in cases.items():
            with self.subTest(content[:9]), self.assertRaises(LogFileError) as caught:
                LogFile.open(content)
            self.assertEqual(caught.exception.code, code)

    @given(st.lists(st.tuples(TEXT, TEXT), max_size=20))
    def test_what_a_csv_writer_wrote_is_read_back(self, rows):
        rows = [(str(number), *row) for number, row in enumerate(rows)]
        stream = io.StringIO()
        csv.writer(stream).writerows([HEADER.split(","), *rows])
        found = [tuple(answer.values.values()) for answer in read(stream.getvalue())]
        self.assertEqual(found, [tuple(text.strip() for text in row) for row in rows])

    @given(st.data())
    def test_one_broken_line_loses_no_other(self, data):
        count = data.draw(st.integers(1, 12))
        broken = data.draw(st.integers(0, count - 1))
        junk = data.draw(st.sampled_from(['x,"', "x", "x,y", 'x,y,"z', "\0,,", "x,,,"]))
        lines = [f'{number},day,"text, {number}"' for number in range(count)]
        lines[broken] = junk
        answers = read("\n".join([HEADER, *lines]))
        self.assertEqual(len(answers), count)
        self.assertIsInstance(answers.pop(broken), Refusal)
        self.assertTrue(all(isinstance(answer, Record) for answer in answers))
