"""What happened, from the audit log alone: of this session, or of last week's.

- `history`: reads the log's lines into kills with what became of them. Lines that cannot be read are counted.
- `figures`: adds up.
- `text`, `markdown`, `page`, `data`: a report for the terminal, for notes, for a browser or printer, for programs.
"""
