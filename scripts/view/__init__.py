"""What the templates print: every decision between the document and the text is made here."""
