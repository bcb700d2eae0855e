"""Tables: what boxes are (`bound`), what they are told to do (`told`), what they report (`reported`), what merely limits them (`limiting`)."""
