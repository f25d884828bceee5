package io.dormouse.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The guide in Chinese has what that in English has: pages, parts, code and the rows of tables. */
class ChineseGuideTest {
  private static final Path ENGLISH = Path.of("src/site/markdown");
  private static final Path CHINESE = ENGLISH.resolve("zh");

  /** What changes with each run, and what is for those who change the library. */
  private static final Set<String> ENGLISH_ONLY =
      Set.of("benchmarks.md", "changelog.md", "contributing.md", "security.md");

  private static final Pattern BLOCK = Pattern.compile("(?ms)^```[^\n]*\n.*?^```$");
  private static final Pattern INDENTED = Pattern.compile("(?<=\n\n)(?: {4}.*\n)+");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ ");
  private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| (.*?) \\|.*$");
  private static final Pattern SETTING = Pattern.compile("`\\w+\\([^`]*\\)`");

  private static List<String> pages() throws IOException {
    return names(CHINESE);
  }

  @Test
  void everyPageIsThere() throws IOException {
    Set<String> translated = new TreeSet<>(names(ENGLISH));
    translated.removeAll(ENGLISH_ONLY);
    assertThat(names(CHINESE)).containsExactlyElementsOf(translated);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void aPageHasTheSameCode(String page) throws IOException {
    assertThat(all(BLOCK, chinese(page))).isEqualTo(all(BLOCK, english(page)));
    assertThat(all(INDENTED, withoutBlocks(chinese(page))))
        .isEqualTo(all(INDENTED, withoutBlocks(english(page))));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void aPageHasTheSameParts(String page) throws IOException {
    List<String> parts = all(HEADING, withoutBlocks(chinese(page)));
    List<String> ofEnglish = all(HEADING, withoutBlocks(english(page)));
    if (page.equals("index.md")) {
      ofEnglish.add("## "); // a list of terms
    }
    assertThat(parts).isEqualTo(ofEnglish);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void aPageHasTheSameRows(String page) throws IOException {
    if (page.equals("index.md")) {
      return; // it has a table of terms
    }
    List<String> cells = all(FIRST_CELL, chinese(page));
    List<String> ofEnglish = all(FIRST_CELL, english(page));
    assertThat(cells).hasSameSizeAs(ofEnglish);
    assertThat(all(SETTING, String.join("\n", firstCells(cells))))
        .isEqualTo(all(SETTING, String.join("\n", firstCells(ofEnglish))));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void aPageLeadsToTheOneInEnglish(String page) throws IOException {
    assertThat(chinese(page)).contains("[English](../" + page + ")");
  }

  @Test
  void theIndexInEnglishLeadsToTheOneInChinese() throws IOException {
    assertThat(english("index.md")).contains("](zh/index.md)");
  }

  private static List<String> firstCells(List<String> rows) {
    return rows.stream().map(row -> FIRST_CELL.matcher(row).replaceAll("$1")).toList();
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group()).collect(Collectors.toList());
  }

  private static String withoutBlocks(String text) {
    return BLOCK.matcher(text).replaceAll("");
  }

  private static String english(String page) throws IOException {
    return Files.readString(ENGLISH.resolve(page));
  }

  private static String chinese(String page) throws IOException {
    return Files.readString(CHINESE.resolve(page));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".md"))
          .sorted()
          .toList();
    }
  }
}
