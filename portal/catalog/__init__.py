"""The catalogue: what is sold, what each package opens, what it costs, where and since when.

Everything here is data (`data/*.toml`, read and checked once at the start) and pure functions over it. Who bought what is in
`orders`; whether a person may do something is in `access`. Any room may call this one; it knows no database and no clock.
"""
