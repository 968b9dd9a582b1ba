"""A download is verified, in place whole or not at all, and its failure says what to do by hand."""

import io
import socket
import tarfile
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from frameshift.corpus.download import fetch
from frameshift.errors import UserError

TEXT = b"title,text\nA,b\n"


def digest(content):
    return sha256(content).hexdigest()


def pack(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def serve():
    """Serve the given (status, body, announced length) in turn, the last for ever; return the URL and the log."""
    servers = []

    def start(*answers):
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, body, length = answers[min(len(asked), len(answers) - 1)]
                asked.append(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/news.csv", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def answer(body, status=200):
    return status, body, len(body)


def get(url, destination, digests):
    fetch(url, destination, sha256=digests, place="data/news.csv", pause=0.001)


def test_a_file_is_fetched_and_verified_by_its_own_name(tmp_path, serve):
    url, asked = serve(answer(TEXT))
    get(url, tmp_path / "new" / "news.csv", {"news.csv": digest(TEXT).upper()})
    assert (tmp_path / "new" / "news.csv").read_bytes() == TEXT
    assert len(asked) == 1


def test_an_archive_is_verified_by_its_members_wherever_its_top_folder_is(tmp_path, serve):
    url, _ = serve(answer(pack({"repo-abc123/data/a.csv": TEXT, "repo-abc123/b.csv": b"b"})))
    get(url, tmp_path / "news.tar.gz", {"data/a.csv": digest(TEXT), "b.csv": digest(b"b")})
    assert [file.name for file in tmp_path.iterdir()] == ["news.tar.gz"]


@pytest.mark.parametrize("failure", [answer(b"", 503), (200, TEXT[:5], len(TEXT))])
def test_a_passing_failure_is_tried_again(tmp_path, serve, failure):
    url, asked = serve(failure, answer(TEXT))
    get(url, tmp_path / "news.csv", {"news.csv": digest(TEXT)})
    assert (tmp_path / "news.csv").read_bytes() == TEXT
    assert len(asked) == 2


def test_a_wrong_digest_leaves_what_was_there(tmp_path, serve):
    url, _ = serve(answer(b"something else"))
    (tmp_path / "news.csv").write_bytes(b"old")
    with pytest.raises(UserError, match=r"news\.csv has sha256 .* nothing was kept") as error:
        get(url, tmp_path / "news.csv", {"news.csv": digest(TEXT)})
    assert digest(TEXT) in str(error.value)
    assert "data/news.csv" in str(error.value)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]


def test_a_wrong_or_missing_member_leaves_nothing(tmp_path, serve):
    url, _ = serve(answer(pack({"top/a.csv": TEXT})))
    for digests, message in [
        ({"a.csv": digest(b"x")}, "a.csv has sha256"),
        ({"top/b.csv": digest(TEXT)}, "nothing in it is called top/b.csv"),
        ({"p/a.csv": digest(TEXT)}, "nothing in it is called p/a.csv"),
    ]:
        with pytest.raises(UserError, match=message):
            get(url, tmp_path / "news.tar.gz", digests)
    assert not list(tmp_path.iterdir())


def test_a_damaged_archive_leaves_nothing(tmp_path, serve):
    url, _ = serve(answer(pack({"top/a.csv": bytes(range(256)) * 400})[:-30]))
    with pytest.raises(UserError, match=f"{url} is a damaged archive.*data/news.csv"):
        get(url, tmp_path / "news.tar.gz", {"a.csv": digest(TEXT)})
    assert not list(tmp_path.iterdir())


def test_a_page_that_is_not_there_is_asked_for_once(tmp_path, serve):
    url, asked = serve(answer(b"", 404))
    with pytest.raises(UserError, match=f"404.*fetch {url} yourself and put it at data/news.csv"):
        get(url, tmp_path / "news.csv", {})
    assert len(asked) == 1
    assert not list(tmp_path.iterdir())


def test_without_a_connection_the_message_says_what_to_fetch_and_where_to_put_it(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/news.csv"
    with pytest.raises(UserError, match=f"could not be downloaded.*fetch {url} yourself and put it at data/news.csv"):
        get(url, tmp_path / "news.csv", {})
