# Writes OUT, a C++ source with the frame, styles and scripts of the results page (src/plotting/page/) as text:
# FOLDER is theirs; STYLES and SCRIPTS are file names joined by commas, in the order they are embedded in.
function(join_files files out)
  string(REPLACE "," ";" names "${files}")
  set(all "")
  foreach(name ${names})
    file(READ "${FOLDER}/${name}" text)
    string(APPEND all "${text}")
  endforeach()
  set(${out} "${all}" PARENT_SCOPE)
endfunction()

join_files(page.html frame)
join_files("${STYLES}" style)
join_files("${SCRIPTS}" script)
string(CONCAT source
  "#include \"plotting/page/assets.h\"\n\nnamespace klbench {\n\n"
  "const std::string_view kPageFrame = R\"klbench_page(${frame})klbench_page\";\n"
  "const std::string_view kPageStyle = R\"klbench_page(${style})klbench_page\";\n"
  "const std::string_view kPageScript = R\"klbench_page((() => {\n\"use strict\";\n${script}})();\n)klbench_page\";\n\n"
  "}  // namespace klbench\n")
file(WRITE "${OUT}" "${source}")
