#!/usr/bin/env bash
# Runs the gate in an interpreter of its own, which sees no variable, folder or setting of the job but what it is given.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
python=$RUNNER_TEMP/scopegate-venv/bin/python

if [[ ! -x $python ]]; then
  python3 -I -m venv "$RUNNER_TEMP/scopegate-venv"
  "$python" -I -m pip --isolated --disable-pip-version-check install --quiet --require-hashes --only-binary :all: \
    -r "$home/.github/actions/gate/requirements.txt"
  site=$("$python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$home/analyzer" "$home/rules" >"$site/scopegate.pth"
fi

words=(gate)
add() {
  if [[ -n ${2-} ]]; then
    words+=("$1" "$2")
  fi
}

# What later steps keep: of this run only, for a runner of one's own may have run a gate before.
kept=$RUNNER_TEMP/scopegate
rm -rf "$kept"
mkdir -p "$kept"

if [[ -n ${MERGE_GROUP_SHA-} ]]; then
  words+=(--merge-group "$MERGE_GROUP_SHA" "${MERGE_GROUP_BASE-}" "$MERGE_GROUP_BRANCH")
  if [[ ${MERGE_GROUP_PLANS-} == true ]]; then
    add --plan-workflow "${PLAN_WORKFLOW-}"
  fi
else
  add --pull-request "${PULL_REQUEST-}"
  add --head "${HEAD_SHA-}"
  add --plan-workflow "${PLAN_WORKFLOW-}"
  add --commit "${COMMIT-}"
  add --scopes "$kept/scopes.json"
  add --attestation "$kept/decision.json"
fi
add --policy "${POLICY-}"
add --policy-ref "${POLICY_REF-}"
add --identity "${IDENTITY-}"
add --context "${CONTEXT-}"
add --mode "${MODE-}"
if [[ ${CHECK_RUN-} == true && -z ${MERGE_GROUP_SHA-} ]]; then
  words+=(--check-run)
fi
while IFS= read -r login; do
  add --machine "$login"
done <<<"${MACHINES-}"
while IFS= read -r branch; do
  add --target "$branch"
done <<<"${TARGETS-}"
if [[ -z ${MERGE_GROUP_SHA-} ]]; then
  while IFS= read -r plan; do
    if [[ -n $plan ]]; then
      words+=("$plan")
    fi
  done <<<"${PLANS-}"
fi

status=0
"$python" -I -c 'from scopegate.cli.main import main; main()' "${words[@]}" || status=$?
if [[ -n ${ATTESTATION-} && -f $kept/decision.json ]]; then
  cp "$kept/decision.json" "$ATTESTATION"
fi
if [[ ${FAIL-} != true && ($status -eq 10 || $status -eq 11) ]]; then
  # The commit status keeps the merge shut; a job that fails as well would only be a second red mark.
  exit 0
fi
exit "$status"
