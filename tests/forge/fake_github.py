"""A GitHub that remembers: pull requests, reviews, pushes, teams, statuses, comments, behind a real HTTP server.

Every request and every response is held to GitHub's own description; what does not fit is kept in ``violations``.
"""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from forge.openapi import Json, example, operation, problems_of_request, problems_of_response

HEAD = "a" * 40
BASE = "b" * 40
NUMBER = 7
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class Answer:
    """What the fake says to one request."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class World:
    """The state of the repository ``acme/infra`` and of its pull request 7; tests change it as they like."""

    users: dict[str, Json] = field(default_factory=dict)
    viewer: str = "github-actions[bot]"
    user_token: bool = False
    pull: Json = field(default_factory=dict)
    other_pulls: dict[int, Json] = field(default_factory=dict)
    files: list[Json] = field(default_factory=list)
    commits: list[Json] = field(default_factory=list)
    reviews: list[Json] = field(default_factory=list)
    activity: list[Json] = field(default_factory=list)
    statuses: dict[str, list[Json]] = field(default_factory=dict)
    comments: list[Json] = field(default_factory=list)
    permissions: dict[str, tuple[str, str]] = field(default_factory=dict)
    teams: dict[str, dict[str, str]] = field(default_factory=dict)
    readable_teams: bool = True
    contents: dict[tuple[str, str], bytes] = field(default_factory=dict)
    rules: list[Json] = field(default_factory=list)
    rules_of_others: dict[str, list[Json]] = field(default_factory=dict)
    code_owners_errors: list[Json] = field(default_factory=list)
    requested: list[Json] = field(default_factory=list)
    requests_refused: bool = False
    check_runs: list[Json] = field(default_factory=list)
    runs: dict[int, Json] = field(default_factory=dict)
    artifacts: dict[int, list[Json]] = field(default_factory=dict)
    archives: dict[int, bytes] = field(default_factory=dict)
    pulls_of_branch: dict[int, Json] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    pulls_of_commit: dict[str, list[int]] = field(default_factory=dict)
    compared: dict[str, list[str]] = field(default_factory=dict)
    files_of: dict[str, list[Json]] = field(default_factory=dict)
    environments: set[str] = field(default_factory=set)
    now: datetime = NOON
    faults: list[Answer] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    before_answer: Callable[[str, str], None] = lambda _method, _path: None
    log: list[tuple[str, str, Any]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.account("github-actions[bot]", 41898282, bot=True)
        self.account("acme", 100, kind="Organization")
        self.account("ada", 1)
        self.account("bob", 2)
        self.account("carol", 3)
        self.pull = pull_request(self)
        self.commits = [self.commit("ada")]
        self.pushed("ada")
        self.changed("main.tf")

    # ---- what tests do to the world ----------------------------------------------------------------------------------

    def account(self, login: str, number: int, *, bot: bool = False, kind: str = "", email: str | None = None) -> None:
        user = example("public-user-default-response")
        user |= {"login": login, "id": number, "type": kind or ("Bot" if bot else "User"), "email": email}
        self.users[login] = user
        if not bot and not kind:
            self.permissions[login] = ("write", "write")

    def user(self, login: str | None) -> Json | None:
        if login is None:
            return None
        whole = self.users[login]
        simple = example("status")["value" if "value" in example("status") else "creator"]
        return dict(simple) | {"login": login, "id": whole["id"], "type": whole["type"]}

    def tick(self, seconds: int = 1) -> str:
        self.now += timedelta(seconds=seconds)
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def commit(
        self, author: str | None, committer: str | None = None, message: str = "Change", sha: str = "c" * 40
    ) -> Json:
        made: Json = example("commit-items")[0]
        made |= {"sha": sha, "author": self.user(author), "committer": self.user(committer or author)}
        for role in ("author", "committer"):
            made["commit"][role] |= {"name": author or "Nobody", "email": f"{author or 'nobody'}@acme.example"}
        made["commit"]["message"] = message
        return made

    def pushed(self, who: str | None, kind: str = "push") -> None:
        self.activity.append(
            {
                "id": len(self.activity) + 1,
                "node_id": "x",
                "before": "0" * 40,
                "after": self.pull["head"]["sha"],
                "ref": "refs/heads/" + self.pull["head"]["ref"],
                "timestamp": self.tick(),
                "activity_type": kind,
                "actor": self.user(who),
            }
        )

    def changed(self, path: str, patch: str | None = "@@ -1 +1 @@\n-a\n+b", previous: str | None = None) -> None:
        lines = [line[:1] for line in (patch or "").split("\n")]
        added, deleted = lines.count("+"), lines.count("-")
        counts = {"additions": added, "deletions": deleted, "changes": added + deleted}
        entry = example("diff-entry-items")[0] | {"filename": path, "patch": patch, **counts}
        if patch is None:
            del entry["patch"]
        if previous:
            entry |= {"previous_filename": previous, "status": "renamed"}
        self.files.append(entry)

    def reviewed(
        self, who: str | None, state: str = "APPROVED", *, commit: str | None = None, seconds: int = 60, at: str = ""
    ) -> Json:
        review: Json = example("pull-request-review-items")[0]
        review |= {
            "id": 1000 + len(self.reviews),
            "user": self.user(who),
            "state": state,
            "submitted_at": at or self.tick(seconds),
            "commit_id": commit or self.pull["head"]["sha"],
        }
        self.reviews.append(review)
        return review

    def rebased(self, sha: str) -> None:
        """Force-push ``sha``: GitHub moves approvals of the same patch onto the new head."""
        for review in self.reviews:
            if review["state"] == "APPROVED":
                review["commit_id"] = sha
        self.pull["head"]["sha"] = sha
        self.pushed("ada", "force_push")

    def retargeted(self, base: str, event: str = "base_ref_changed") -> None:
        """Give the pull request another target; GitHub starts no run of the default types for it."""
        self.pull["base"]["ref"] = base
        happened: Json = example("issue-event-for-issue-items")[0]
        self.events.append(happened | {"event": event, "created_at": self.tick()})

    def file(self, path: str, text: str, ref: str = "main") -> None:
        self.contents[ref, path] = text.encode()

    def status(
        self, state: str, description: str, *, who: str | None = "github-actions[bot]", sha: str = HEAD, **more: Any
    ) -> Json:
        written: Json = example("status")
        written |= {
            "id": sum(map(len, self.statuses.values())) + 1,
            "state": state,
            "description": description,
            "context": "scopegate",
            "target_url": None,
            "created_at": self.tick(),
            "creator": self.user(who),
            **more,
        }
        self.statuses.setdefault(sha, []).append(written)
        return written

    def commented(self, who: str, body: str) -> Json:
        written: Json = example("issue-comment")
        written |= {"id": 500 + len(self.comments), "user": self.user(who), "body": body, "created_at": self.tick()}
        self.comments.append(written)
        return written

    # ---- what tests look at ------------------------------------------------------------------------------------------

    @property
    def last_status(self) -> tuple[str, str]:
        newest = self.statuses[self.pull["head"]["sha"]][-1]
        return newest["state"], newest["description"]

    def writes(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.log if method != "GET"]

    # ---- answers -----------------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        self.log.append((method, path, body))
        self.before_answer(method, path)
        if self.faults:
            return self.faults.pop(0)
        for prefix, status in self.refused.items():
            if path.startswith(prefix):
                return Answer(status, {"message": "Resource not accessible by integration"})
        if path.startswith("/storage/"):
            return Answer(200, self.archives[int(path.rpartition("/")[2])])
        if "/actions/artifacts/" in path:
            return Answer(302, None, {"Location": f"{self.url}/storage/{path.split('/')[-2]}"})
        found, values = operation(method, path)
        self.violations += problems_of_request(method, path, query, body)
        said = getattr(self, f"_{method.lower()}_{found['operationId'].replace('/', '_').replace('-', '_')}")(
            values, query, body
        )
        shown = self._page(said, path, query)
        self.violations += problems_of_response(method, path, shown.status, shown.body)
        return shown

    def _page(self, said: Answer, path: str, query: dict[str, str]) -> Answer:
        if not isinstance(said.body, list) or said.status != 200:
            return said
        size, page = int(query.get("per_page", 30)), int(query.get("page", query.get("after", 1)))
        shown = said.body[(page - 1) * size : page * size]
        if page * size < len(said.body):
            # The activity of a repository is paged by a cursor.
            name = "after" if path.endswith("/activity") else "page"
            link = "&".join(f"{k}={v}" for k, v in {**query, name: str(page + 1)}.items())
            said.headers["Link"] = f'<{self.url}{path}?{link}>; rel="next"'
        return Answer(200, shown, said.headers)

    def _get_users_get_authenticated(self, _v: Json, _q: Json, _b: Any) -> Answer:
        if not self.user_token:
            return Answer(403, {"message": "Resource not accessible by integration"})
        return Answer(200, self.users[self.viewer] | {"user_view_type": "public"})

    def _get_users_get_by_username(self, v: Json, _q: Json, _b: Any) -> Answer:
        user = self.users.get(v["username"])
        return Answer(200, user | {"user_view_type": "public"}) if user else Answer(404, {"message": "Not Found"})

    def _get_repos_get(self, _v: Json, _q: Json, _b: Any) -> Answer:
        repository = example("full-repository-default-response") | {"default_branch": "main", "language": None}
        for other in ("source", "parent", "template_repository"):
            # GitHub's example leaves out what its schema requires.
            repository[other] = {"language": None, **repository[other]}
        return Answer(200, repository)

    def _get_pulls_get(self, v: Json, _q: Json, _b: Any) -> Answer:
        if int(v["pull_number"]) != NUMBER:
            other = self.other_pulls.get(int(v["pull_number"]))
            return Answer(200, other) if other else Answer(404, {"message": "Not Found"})
        counts = {"commits": max(len(self.commits), self.pull["commits"]), "changed_files": self.pull["changed_files"]}
        counts["changed_files"] = max(len(self.files), counts["changed_files"])
        return Answer(200, self.pull | counts)

    def _get_pulls_list_files(self, _v: Json, _q: Json, _b: Any) -> Answer:
        return Answer(200, self.files[:3000])

    def _get_pulls_list_commits(self, _v: Json, _q: Json, _b: Any) -> Answer:
        return Answer(200, self.commits[:250])

    def _get_pulls_list_reviews(self, _v: Json, _q: Json, _b: Any) -> Answer:
        return Answer(200, self.reviews)

    def _post_pulls_request_reviewers(self, _v: Json, _q: Json, body: Any) -> Answer:
        if self.requests_refused:
            return Answer(422, {"message": "Reviews may only be requested from collaborators"})
        self.requested.append(body)
        asked = example("pull-request-review-request")
        for team in asked["requested_teams"]:
            team |= {"type": "organization"}
        return Answer(201, asked)

    def _get_repos_list_pull_requests_associated_with_commit(self, v: Json, _q: Json, _b: Any) -> Answer:
        numbers = self.pulls_of_commit.get(v["commit_sha"], [])
        more = {"state": "open", "requested_teams": []}
        return Answer(200, [example("pull-request-simple-items")[0] | more | {"number": n} for n in numbers])

    def _get_repos_list_commit_statuses_for_ref(self, v: Json, _q: Json, _b: Any) -> Answer:
        return Answer(200, list(reversed(self.statuses.get(v["ref"], []))))

    def _get_repos_get_combined_status_for_ref(self, v: Json, _q: Json, _b: Any) -> Answer:
        newest = {status["context"]: status for status in self.statuses.get(v["ref"], [])}
        combined = example("combined-commit-status")
        simple = combined["statuses"][0]
        listed = [{key: status.get(key, simple[key]) for key in simple} for status in newest.values()]
        state = "success" if newest and all(s["state"] == "success" for s in newest.values()) else "pending"
        return Answer(200, combined | {"sha": v["ref"], "statuses": listed, "total_count": len(listed), "state": state})

    def _post_repos_create_commit_status(self, v: Json, _q: Json, body: Any) -> Answer:
        if len(self.statuses.get(v["sha"], [])) >= 1000:
            return Answer(422, {"message": "This SHA and context has reached the maximum number of statuses."})
        more = {key: body[key] for key in ("context", "target_url") if key in body}
        return Answer(201, self.status(body["state"], body["description"], who=self.viewer, sha=v["sha"], **more))

    def _get_repos_get_content(self, v: Json, q: Json, _b: Any) -> Answer:
        data = self.contents.get((q.get("ref", "main"), v["path"]))
        if data is None:
            return Answer(404, {"message": "Not Found"})
        file = example("content-file-response-if-content-is-a-file")
        encoded = base64.encodebytes(data).decode()
        return Answer(200, file | {"path": v["path"], "name": v["path"].rpartition("/")[2], "content": encoded})

    def _get_repos_codeowners_errors(self, _v: Json, _q: Json, _b: Any) -> Answer:
        return Answer(200, {"errors": self.code_owners_errors})

    def _get_repos_get_collaborator_permission_level(self, v: Json, _q: Json, _b: Any) -> Answer:
        if v["username"] not in self.permissions:
            return Answer(404, {"message": "Not Found"})
        permission, role = self.permissions[v["username"]]
        said = example("repository-collaborator-permission-response-if-user-has-admin-permissions")
        # GitHub's example leaves out what its schema requires.
        user = said["user"] | (self.user(v["username"]) or {}) | {"role_name": role}
        return Answer(200, said | {"permission": permission, "role_name": role, "user": user})

    def _get_repos_list_activities(self, _v: Json, _q: Json, _b: Any) -> Answer:
        return Answer(200, self.activity)

    def _get_issues_list_comments(self, _v: Json, _q: Json, _b: Any) -> Answer:
        return Answer(200, self.comments)

    def _post_issues_create_comment(self, _v: Json, _q: Json, body: Any) -> Answer:
        if len(body["body"]) > 65536:
            return Answer(422, {"message": "Body is too long (maximum is 65536 characters)"})
        return Answer(201, self.commented(self.viewer, body["body"]))

    def _get_issues_get_comment(self, v: Json, _q: Json, _b: Any) -> Answer:
        return Answer(200, next(c for c in self.comments if c["id"] == int(v["comment_id"])))

    def _patch_issues_update_comment(self, v: Json, _q: Json, body: Any) -> Answer:
        comment = next(c for c in self.comments if c["id"] == int(v["comment_id"]))
        comment |= {"body": body["body"], "updated_at": self.tick()}
        return Answer(200, comment)

    def _get_teams_get_by_name(self, v: Json, _q: Json, _b: Any) -> Answer:
        if not self.readable_teams or v["team_slug"] not in self.teams:
            return Answer(404, {"message": "Not Found"})
        team = example("team-full") | {"slug": v["team_slug"], "name": v["team_slug"], "type": "organization"}
        team["organization"] |= {"archived_at": None}
        return Answer(200, team)

    def _get_teams_get_membership_for_user_in_org(self, v: Json, _q: Json, _b: Any) -> Answer:
        state = self.teams.get(v["team_slug"], {}).get(v["username"]) if self.readable_teams else None
        if state is None:
            return Answer(404)
        return Answer(200, example("team-membership-response-if-user-is-a-team-maintainer") | {"state": state})

    def _get_repos_get_branch_rules(self, v: Json, _q: Json, _b: Any) -> Answer:
        return Answer(200, self.rules_of_others.get(v["branch"], self.rules))

    def _get_actions_get_workflow_run(self, v: Json, _q: Json, _b: Any) -> Answer:
        run = self.runs.get(int(v["run_id"]))
        return Answer(200, self._run(run)) if run else Answer(404, {"message": "Not Found"})

    def _run(self, run: Json) -> Json:
        """Return a run of the pull request's own branch, begun soon after it was pushed."""
        made: Json = example("workflow-run")
        repository = made["head_repository"] | {"full_name": self.pull["head"]["repo"]["full_name"]}
        of_pull = {"head_branch": self.pull["head"]["ref"], "head_repository": repository}
        return made | of_pull | {"created_at": "2026-11-22T12:00:30Z"} | run

    def _get_pulls_list(self, _v: Json, q: Json, _b: Any) -> Answer:
        assert q["head"] == f"{self.pull['head']['repo']['owner']['login']}:{self.pull['head']['ref']}"
        more: Json = {"requested_teams": [], "closed_at": None}
        numbered: dict[int, Json] = {NUMBER: {}, **self.pulls_of_branch}
        found = [example("pull-request-simple-items")[0] | more | {"number": n} | m for n, m in numbered.items()]
        return Answer(200, [pull for pull in found if q.get("state") == "all" or pull["state"] == "open"])

    def _get_issues_list_events(self, _v: Json, _q: Json, _b: Any) -> Answer:
        return Answer(200, self.events)

    def _get_actions_list_workflow_runs_for_repo(self, _v: Json, q: Json, _b: Any) -> Answer:
        asked = {key: q[key] for key in ("head_sha", "event") if key in q}
        found = [self._run(run) for run in self.runs.values() if asked.items() <= run.items()][::-1]
        size, page = int(q["per_page"]), int(q["page"])
        return Answer(200, {"total_count": len(found), "workflow_runs": found[(page - 1) * size : page * size]})

    def _get_actions_list_workflow_run_artifacts(self, v: Json, _q: Json, _b: Any) -> Answer:
        listed = [
            example("artifact-paginated")["artifacts"][0] | artifact
            for artifact in self.artifacts.get(int(v["run_id"]), [])
        ]
        return Answer(200, {"total_count": len(listed), "artifacts": listed})

    def _get_repos_compare_commits_with_basehead(self, v: Json, _q: Json, _b: Any) -> Answer:
        commits = [self.commit("ada", message=line) for line in self.compared.get(v["basehead"], [])]
        for number, commit in enumerate(commits):
            commit["sha"] = f"{number:040x}"
        said = example("commit-comparison")
        head = v["basehead"].rpartition("...")[2]
        of_pull = self.files[:300] if head == self.pull["head"]["sha"] else []
        files = self.files_of.get(v["basehead"], of_pull)
        return Answer(200, said | {"commits": commits, "total_commits": len(commits), "files": files})

    def _get_repos_get_environment(self, v: Json, _q: Json, _b: Any) -> Answer:
        if v["environment_name"] not in self.environments:
            return Answer(404, {"message": "Not Found"})
        return Answer(200, example("environment") | {"name": v["environment_name"]})

    def _post_checks_create(self, _v: Json, _q: Json, body: Any) -> Answer:
        self.check_runs.append(body)
        name = "check-run-example-of-completed-conclusion"
        return Answer(201, example(name) | {"name": body["name"], "id": len(self.check_runs)})

    def _patch_checks_update(self, v: Json, _q: Json, body: Any) -> Answer:
        self.check_runs.append(body | {"check_run_id": int(v["check_run_id"])})
        return Answer(200, example("check-run"))


def pull_request(world: World) -> Json:
    """Return the pull request ``more-regions`` of ada."""
    pull: Json = example("pull-request")
    repository = pull["base"]["repo"] | {"full_name": "acme/infra", "default_branch": "main"}
    repository["owner"] = world.user("acme")
    pull |= {
        "number": NUMBER,
        "state": "open",
        "draft": False,
        "user": world.user("ada"),
        "body": "",
        "assignees": [],
        "assignee": None,
        "requested_reviewers": [],
        "requested_teams": [],
        "commits": 1,
        "changed_files": 1,
    }
    pull["head"] |= {"sha": HEAD, "ref": "more-regions", "repo": repository, "user": world.user("ada")}
    pull["base"] |= {"sha": BASE, "ref": "main", "repo": dict(repository), "user": world.user("acme")}
    return pull


class _Handler(BaseHTTPRequestHandler):
    world: World
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = parts.path.removeprefix("/api/v3")
        if not path.startswith("/storage/") and not self.headers.get("Authorization", "").endswith("test-token"):
            self._say(Answer(401, {"message": "Bad credentials"}))
            return
        if path.startswith("/storage/") and self.headers.get("Authorization"):
            self.world.violations.append("the token was sent to the storage")
        if bool(data) is not (self.command != "GET") or (data and self.headers["Content-Type"] != "application/json"):
            self.world.violations.append(f"{self.command} {path}: a write has a body in JSON, and a read has none")
        body = json.loads(data) if data else None
        try:
            said = self.world.answer(self.command, path, dict(parse_qsl(parts.query)), body)
        except Exception as error:  # noqa: BLE001 - the test is to see it, not the client
            self.world.violations.append(f"{self.command} {unquote(path)}: {type(error).__name__}: {error}")
            said = Answer(500, {"message": "fault"})
        self._say(said)

    def _say(self, said: Answer) -> None:
        body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = _handle  # noqa: N815 - the names http.server calls

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(world: World) -> Iterator[World]:
    """Serve ``world`` at ``world.url`` until the block ends; every violation of GitHub's description fails it."""
    handler = type("Handler", (_Handler,), {"world": world})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    world.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
    assert world.violations == [], "\n".join(world.violations)
