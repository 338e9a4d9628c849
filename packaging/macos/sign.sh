#!/usr/bin/env bash
# Signs and notarises an app bundle: packaging/macos/sign.sh dist/THAU.app
# IDENTITY, CERTIFICATE (base64 of a .p12), CERTIFICATE_PASSWORD, APPLE_ID, APPLE_PASSWORD (for one app) and APPLE_TEAM come from secrets.
set -euo pipefail
app="$1"
keychain="$RUNNER_TEMP/thau.keychain-db"
secret="$(uuidgen)"
security create-keychain -p "$secret" "$keychain"
security unlock-keychain -p "$secret" "$keychain"
base64 --decode <<<"$CERTIFICATE" >"$RUNNER_TEMP/certificate.p12"
security import "$RUNNER_TEMP/certificate.p12" -k "$keychain" -P "$CERTIFICATE_PASSWORD" -T /usr/bin/codesign
security set-key-partition-list -S apple-tool:,apple: -k "$secret" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain"
# From the inside out: every library, then the programs, then the bundle.
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print0 |
  xargs -0 -n 50 codesign --force --timestamp --options runtime --sign "$IDENTITY"
codesign --force --timestamp --options runtime --entitlements packaging/macos/entitlements.plist --sign "$IDENTITY" "$app"/Contents/MacOS/*
codesign --force --timestamp --options runtime --entitlements packaging/macos/entitlements.plist --sign "$IDENTITY" "$app"
codesign --verify --deep --strict "$app"
ditto -c -k --keepParent "$app" "$RUNNER_TEMP/THAU.zip"
xcrun notarytool submit "$RUNNER_TEMP/THAU.zip" --apple-id "$APPLE_ID" --password "$APPLE_PASSWORD" --team-id "$APPLE_TEAM" --wait
xcrun stapler staple "$app"
