# For the other scripts here: installs Debian's packages where they are missing.
attempts=4

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# retry runs a command that needs the network, with a longer pause after each failure.
retry() {
  local attempt
  for ((attempt = 1; ; attempt++)); do
    if "$@"; then return 0; fi
    if ((attempt == attempts)); then
      echo "$0: '$*' failed $attempts times" >&2
      return 1
    fi
    sleep $((attempt * 5))
  done
}

# install_packages installs those of the packages that are missing.
install_packages() {
  local package missing=()
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  if ((${#missing[@]})); then
    echo "$0: installing ${missing[*]}"
    retry apt-get update --quiet
    DEBIAN_FRONTEND=noninteractive retry apt-get install --yes --quiet --no-install-recommends "${missing[@]}"
  fi
}
