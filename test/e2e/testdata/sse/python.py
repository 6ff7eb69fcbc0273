# A consumer with Python's standard library: prints the data of every event, goes on with the last id after every cut, ends with the event "last".
import http.client
import sys
import urllib.parse

url = urllib.parse.urlsplit(sys.argv[1])
last_id = None
while True:
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    try:
        headers = {"Accept": "text/event-stream"}
        if last_id is not None:
            headers["Last-Event-ID"] = last_id
        connection.request("GET", url.path + "?" + url.query, headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            sys.exit(f"{response.status}: {response.read()}")
        data, event_id = [], last_id
        while line := response.readline():
            if not line.endswith(b"\n"):
                break
            field, _, value = line.decode().rstrip("\r\n").partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data.append(value)
            elif field == "id":
                event_id = value
            elif line.strip() == b"":
                last_id = event_id
                if data:
                    print("\n".join(data), flush=True)
                    if '"test":"last"' in data[0]:
                        sys.exit(0)
                data = []
    except (http.client.HTTPException, OSError) as error:
        print("cut:", repr(error), file=sys.stderr)
    finally:
        connection.close()
