"""The containers as the bridge knows them.

- `feed`: listens to a backend in threads and delivers what has changed.
- `roster`: the containers now, in the event loop's thread, and who wants to hear of changes.
- `shown`: what each user of the text protocol saw last.
"""
