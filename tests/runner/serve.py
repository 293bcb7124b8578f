#!/usr/bin/env python3
"""A server for test_fetch.sh: serve.py FOLDER PORT_FILE. It sends what lies in the folder, from any byte on.

Names in the address before the file say how: /cut/ breaks off after half of what was asked, /whole/ knows no ranges."""
import http.server
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        _, way, name = self.path.split("/", 2)
        file = folder / name
        if not file.is_file():
            self.send_error(404)
            return
        numbers, begin = file.read_bytes(), 0
        asked = self.headers.get("Range", "")
        if asked.startswith("bytes=") and way != "whole":
            begin = int(asked[len("bytes="):].split("-")[0])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(numbers) - 1}/{len(numbers)}")
        else:
            self.send_response(200)
        with open(folder / "log", "a", encoding="ascii") as log:
            print(way, name, begin, file=log)
        rest = numbers[begin:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: len(rest) // 2] if way == "cut" else rest)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
pathlib.Path(sys.argv[2]).write_text(str(server.server_port), encoding="ascii")
server.serve_forever()
