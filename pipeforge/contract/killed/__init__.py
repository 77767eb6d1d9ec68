"""What `ProcessContract` plays with: processes that are killed, over emulators that live on.

scripts.py    what is played: a step of a kind, its connections and worlds, and what goes wrong beside
stage.py      the two processes that outlive the cases, and what one process came to
project.py    one case: a folder, a journal, emulators and a clock of its own
whole.py      a script that nobody kills, and what a killed one is held against
forking.py    the process that has imported everything and forks a child for each command
serving.py    the process that serves the emulators, anew for each case
seams.py      what a child is wrapped in: points.py, databases.py, network.py, hurrying.py, clock.py
"""
