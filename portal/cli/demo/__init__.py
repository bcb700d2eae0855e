"""The demo data: a database full of people, customers and content, made with the portal's own commands.

Not here: the raw material (`../demo_data`). Everything goes the way that people's work goes, so nothing in it could not
have been done on the pages; only the clock is moved, so that subscriptions have a past.
"""
