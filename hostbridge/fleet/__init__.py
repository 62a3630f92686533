"""The containers as the bridge knows them.

- `feed`: listens to a backend in threads and delivers changes.
- `roster`: the current containers and the subscribers to changes, in the event loop's thread.
- `shown`: what each user of the text protocol was last shown.
"""
