"""``python -m scopegate``: the command where its folder is not on the PATH, with ``-I`` isolated from what is here."""

from scopegate.cli.main import program

if __name__ == "__main__":
    program()
