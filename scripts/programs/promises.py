"""People who write all the time, and what they were told: to be compared with what is there."""

import base64
import contextlib
import http.client
import json
import sqlite3
import threading
import time

AUTHORIZATION = "Basic " + base64.b64encode(b"simulator:super_safe!").decode()
TIMEOUT = 5


class Deed:
    """Something a person did. `over` is when it was acknowledged, if it ever was; times are those
    of the clock on the wall, in seconds."""

    def __init__(self, kind, what, number):
        self.kind, self.what, self.number = kind, what, number
        self.begun, self.over = time.time(), None


class People:
    """Clients of a server at a port, each of which does one thing after the other. Use it as a
    context: they are there at its beginning and have stopped at its end."""

    def __init__(self, port, count=4, called="person", pause=0.005):
        self.port, self.pause = port, pause
        self.names = [f"{called} {number}" for number in range(count)]
        self.deeds, self.numbers, self.lock = [], 0, threading.Lock()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.live, args=(number,), daemon=True)
                        for number in range(count)]

    def __enter__(self):
        for name in self.names:
            if not self.register(name):
                raise SystemExit(f"nobody can register at port {self.port}")
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def do(self, kind, what, path, body):
        """One call on one connection; whether it was acknowledged."""
        with self.lock:
            self.numbers += 1
            deed = Deed(kind, what, self.numbers)
            self.deeds.append(deed)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            headers = {"Authorization": AUTHORIZATION, "Content-Type": "application/json",
                       "Connection": "close"}
            path = f"{path.replace(' ', '%20')}?latest={deed.number}"
            connection.request("POST", path, json.dumps(body), headers)
            if connection.getresponse().status == 204:
                deed.over = time.time()
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        return deed.over is not None

    def register(self, name):
        """Makes a user."""
        body = {"username": name, "email": "somebody@example.org", "pwd": "x"}
        return self.do("user", name, "/register", body)

    def live(self, number):
        """What a person does until it is over."""
        me, other = self.names[number], self.names[(number + 1) % len(self.names)]
        turn = 0
        while not self.over.is_set():
            turn += 1
            if turn % 10 == 0:
                self.register(f"friend {turn} of {me}")
            elif turn % 5 == 0:
                follows = turn % 2 == 1
                self.do("follow", (me, other, follows), f"/fllws/{me}",
                        {"follow" if follows else "unfollow": other})
            else:
                text = f"message {turn} by {me}"
                self.do("message", text, f"/msgs/{me}", {"content": text})
            time.sleep(self.pause)

    def acknowledged(self, since=0.0):
        """The deeds that were begun since then and acknowledged."""
        with self.lock:
            return [deed for deed in self.deeds if deed.over and deed.begun >= since]

    def wait_for(self, more):
        """Waits until so many more deeds are acknowledged."""
        wanted, deadline = len(self.acknowledged()) + more, time.time() + 60
        while len(self.acknowledged()) < wanted:
            if time.time() > deadline:
                raise SystemExit("nothing is acknowledged any more")
            time.sleep(0.01)


class Held:
    """What is in a database: names, texts, pairs of who follows whom, and `latest`."""

    def __init__(self, query):
        """`query` turns a statement into a list of rows, each a list of values."""
        self.users = {row[0] for row in query('SELECT username FROM "user"')}
        self.messages = [row[0] for row in query("SELECT text FROM message")]
        self.follows = {tuple(row) for row in query(
            'SELECT a.username, b.username FROM follower JOIN "user" a ON a.user_id = who_id '
            'JOIN "user" b ON b.user_id = whom_id')}
        latest = query("SELECT latest FROM latest ORDER BY noted_at DESC LIMIT 1")
        self.latest = int(latest[0][0]) if latest else 0


def in_file(path):
    """What a SQLite file holds."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    with contextlib.closing(db):
        return Held(lambda sql: db.execute(sql).fetchall())


def missing(people, held, until):
    """The deeds that were acknowledged until then and are not there."""
    there = {"user": held.users, "message": set(held.messages)}
    return [deed for deed in people.acknowledged()
            if deed.over <= until and deed.kind in there and deed.what not in there[deed.kind]]


def troubles(people, held, first, last):
    """What is not as promised, in words: what was acknowledged until `first` has to be there, and
    nothing that was begun after `last`."""
    found = [f"missing: {deed.kind} {deed.what!r}" for deed in missing(people, held, first)]
    possible = {"user": set(), "message": set()}
    for deed in people.deeds:
        if deed.kind in possible and deed.begun <= last:
            possible[deed.kind].add(deed.what)
    found += [f"nobody did that: user {name!r}" for name in held.users - possible["user"]]
    found += [f"nobody did that: message {text!r}"
              for text in set(held.messages) - possible["message"]]
    if len(held.messages) != len(set(held.messages)):
        found.append("messages are there twice")
    found += wrong_follows(people, held, first, last)
    numbers = {deed.number for deed in people.deeds if deed.begun <= last}
    if held.latest not in numbers:
        found.append(f"latest is {held.latest}, which no call carried until then")
    return found


def wrong_follows(people, held, first, last):
    """Pairs of which the one follows the other and should not, or the other way round."""
    possible = {}
    for deed in people.deeds:
        if deed.kind != "follow" or deed.begun > last:
            continue
        who, whom, follows = deed.what
        states = possible.setdefault((who, whom), {False})
        if deed.over and deed.over <= first:
            states.clear()
        states.add(follows)
    return [f"{pair} follows: {pair in held.follows}" for pair, states in possible.items()
            if (pair in held.follows) not in states]
