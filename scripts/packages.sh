# Read by setup.sh and setup-peers.sh.

# install_missing NAME "PACKAGE REASON"…
#
# Installs those of the Debian packages that are missing, after saying which and why. Ends the script with 3 when it
# cannot: not Debian, neither root nor sudo, or apt-get failed.
install_missing() {
    local name=$1 entry package state missing=()
    shift
    if ! command -v dpkg-query >/dev/null; then
        echo "$name: this is not a Debian system, so nothing can be installed by name. Needed are, under whatever" >&2
        echo "       names they have here:" >&2
        printf '         %s\n' "$@" >&2
        exit 3
    fi
    for entry in "$@"; do
        package=${entry%% *}
        state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
        [[ $state == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    echo "$name: missing on this machine:"
    for entry in "$@"; do
        for package in "${missing[@]}"; do
            [[ ${entry%% *} != "$package" ]] || echo "         $entry"
        done
    done

    local as_root=()
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            echo "$name: neither root nor sudo; ask someone who is to run:" >&2
            echo "         apt-get install ${missing[*]}" >&2
            exit 3
        fi
        as_root=(sudo)
    fi
    # env: sudo does not hand on variables.
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get)
    if ! { "${apt[@]}" update -qq && "${apt[@]}" install -y -qq --no-install-recommends "${missing[@]}"; } >&2; then
        echo "$name: apt-get failed, see above. By hand: apt-get update && apt-get install ${missing[*]}" >&2
        exit 3
    fi
    echo "$name: installed ${missing[*]}"
}
