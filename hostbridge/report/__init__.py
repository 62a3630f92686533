"""Reports of what happened, from the audit log alone: in this session, or last week's.

- `history`: reads the log's lines into kills, their outcomes and how probes were. Unreadable lines are counted.
- `figures`: the sums.
- `text`, `markdown`, `page`, `data`: a report for the terminal, for notes, for a browser or printer, for programs.
"""
