"""The group `vedette agent`; its verbs are written in files of their own."""

from cyclopts import App

APP = App(name="agent", help="The agent that watches a host: its logs, its files, its attackers.")
