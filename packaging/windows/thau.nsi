; The Windows setup: for one user, no administrator. Silent with /S; /D=FOLDER chooses where.
;   makensis -DVERSION=… -DBUNDLE=dist\thau -DTARGET=dist\setup.exe -DROOT=. packaging\windows\thau.nsi
Unicode true
ManifestDPIAware true
RequestExecutionLevel user
SetCompressor /SOLID lzma

!include "MUI2.nsh"
!include "FileFunc.nsh"

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\THAU"

Name "THAU"
OutFile "${TARGET}"
InstallDir "$LOCALAPPDATA\Programs\THAU"
InstallDirRegKey HKCU "${KEY}" "InstallLocation"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "THAU"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "THAU: a private assistant that learns while you sleep"
VIAddVersionKey "LegalCopyright" "MIT"

!define MUI_ICON "${ROOT}/resources/icons/thau.ico"
!define MUI_UNICON "${ROOT}/resources/icons/thau.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\thau-desktop.exe"
!insertmacro MUI_PAGE_LICENSE "${ROOT}/LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Spanish"

LangString AskData ${LANG_ENGLISH} "Delete your conversations, pictures and models as well? They lie in $LOCALAPPDATA\THAU. No keeps them."
LangString AskData ${LANG_SPANISH} "¿Borrar también tus conversaciones, imágenes y modelos? Están en $LOCALAPPDATA\THAU. No los conserva."
LangString IsRunning ${LANG_ENGLISH} "THAU is running. Close it, then try again."
LangString IsRunning ${LANG_SPANISH} "THAU está abierto. Ciérralo e inténtalo de nuevo."

; A file that is in use can't be written: that is how a running THAU is known.
!macro RefuseWhileRunning
  ${If} ${FileExists} "$INSTDIR\thau-desktop.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\thau-desktop.exe" a
    ${If} ${Errors}
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(IsRunning)" /SD IDOK
      Abort
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Section "THAU"
  !insertmacro RefuseWhileRunning
  RMDir /r "$INSTDIR\_internal" ; an older version's libraries
  SetOutPath "$INSTDIR"
  File /r "${BUNDLE}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\THAU.lnk" "$INSTDIR\thau-desktop.exe"

  WriteRegStr HKCU "${KEY}" "DisplayName" "THAU"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\thau-desktop.exe"
  WriteRegStr HKCU "${KEY}" "Publisher" "THAU"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" $0

  ; thau:// and "open with"
  WriteRegStr HKCU "Software\Classes\thau" "" "URL:THAU"
  WriteRegStr HKCU "Software\Classes\thau" "URL Protocol" ""
  WriteRegStr HKCU "Software\Classes\thau\shell\open\command" "" '"$INSTDIR\thau-desktop.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\Applications\thau-desktop.exe\shell\open\command" "" '"$INSTDIR\thau-desktop.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\Applications\thau-desktop.exe\SupportedTypes" ".jsonl" ""
  WriteRegStr HKCU "Software\Classes\Applications\thau-desktop.exe\SupportedTypes" ".gguf" ""
SectionEnd

Section "Uninstall"
  !insertmacro RefuseWhileRunning
  nsExec::Exec 'schtasks /Delete /F /TN "THAU\nights"'
  nsExec::Exec 'schtasks /Delete /F /TN "THAU\window"'
  RMDir /r "$LOCALAPPDATA\THAU-start"
  Delete "$SMPROGRAMS\THAU.lnk"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\thau.exe"
  Delete "$INSTDIR\thau-desktop.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; only where nothing of the user's lies there
  DeleteRegKey HKCU "${KEY}"
  DeleteRegKey HKCU "Software\Classes\thau"
  DeleteRegKey HKCU "Software\Classes\Applications\thau-desktop.exe"
  MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(AskData)" /SD IDNO IDNO keep
    RMDir /r "$LOCALAPPDATA\THAU"
  keep:
SectionEnd
