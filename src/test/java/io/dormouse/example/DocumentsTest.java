package io.dormouse.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README and the site say and what is there. */
class DocumentsTest {
  private static final Path README = Path.of("README.md");
  private static final Path SITE = Path.of("src/site/markdown");
  private static final Path EXAMPLES = Path.of("src/test/java/io/dormouse/example");
  private static final Path ROOMS = Path.of("src/main/java/io/dormouse");
  private static final Path POM = Path.of("pom.xml");

  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern TEST_CLASS = Pattern.compile("`([A-Z]\\w+Test)`");

  @Test
  void theGuideShowsAWholeClassAsItIs() {
    String compiled = text(EXAMPLES.resolve("Connections.java"));
    String shown = compiled.replaceFirst("package .*\n\n", "");
    assertThat(blocks(SITE.resolve("getting-started.md"))).contains(shown);
  }

  @Test
  void theIndexNamesEveryPage() {
    for (Path page : pages()) {
      Path index = page.resolveSibling("index.md");
      if (page.startsWith(SITE) && !page.equals(index)) {
        assertThat(text(index)).contains("](" + page.getFileName() + ")");
      }
    }
  }

  @Test
  void everyTestThatIsNamedIsThere() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    for (Path page : pages()) {
      Matcher test = TEST_CLASS.matcher(text(page));
      while (test.find()) {
        assertThat(names)
            .as("tests, of which %s names one", page)
            .contains(test.group(1) + ".java");
      }
    }
  }

  @Test
  void everyProfileIsExplained() {
    Matcher profile = Pattern.compile("<profile>\\s*<id>(.*?)</id>").matcher(text(POM));
    String page = text(SITE.resolve("contributing.md"));
    assertThat(profile.results().map(id -> "| `" + id.group(1) + "` |"))
        .hasSizeGreaterThan(5)
        .allSatisfy(row -> assertThat(page).contains(row));
  }

  @Test
  void theReadmeNamesEveryRoom() throws IOException {
    try (Stream<Path> rooms = Files.list(ROOMS).filter(Files::isDirectory)) {
      String readme = text(README);
      assertThat(rooms.map(room -> "`" + room.getFileName() + "`"))
          .allSatisfy(room -> assertThat(readme).contains(room));
    }
  }

  @Test
  void theCoordinatesAreThoseOfThePom() {
    String pom = text(POM);
    String version = first("<artifactId>dormouse</artifactId>\\s*<version>(.*?)</version>", pom);
    String okHttp = first("<okhttp.version>(.*?)</okhttp.version>", pom);
    for (Path page : List.of(README, SITE.resolve("getting-started.md"))) {
      assertThat(text(page))
          .contains("<version>" + version + "</version>")
          .contains("io.dormouse:dormouse:" + version);
    }
    assertThat(text(SITE.resolve("dependencies.md"))).contains("<version>" + okHttp + "</version>");
  }

  @Test
  void theReadmesRowsAreThoseOfTheBenchmark() {
    String table = text(SITE.resolve("benchmarks.md"));
    List<String> rows = text(README).lines().filter(line -> line.startsWith("| `")).toList();
    assertThat(rows).hasSize(6);
    for (String row : rows) {
      String contest = first("`(.*?)`", row);
      List<String> cells = List.of(row.split("\\|", -1)).stream().map(String::strip).toList();
      List<String> ofContest = rowsOf(contest, table);
      assertThat(ofContest.get(0)).as(row).contains(cells.get(2));
      assertThat(ofContest)
          .as(row)
          .anySatisfy(line -> assertThat(line).contains(cells.get(3), cells.get(4), cells.get(5)));
    }
  }

  /** A contest has its name in its first row only. */
  private static List<String> rowsOf(String contest, String table) {
    List<String> found = new ArrayList<>();
    boolean of = false;
    for (String line : table.lines().toList()) {
      of = line.contains("| `" + contest + "` |") || (of && line.startsWith("|  |"));
      if (of) {
        found.add(line);
      }
    }
    return found;
  }

  /** The README, the guide, and its translations in folders of their own. */
  private static List<Path> pages() {
    return Stream.concat(Stream.of(README), files(SITE, ".md").stream()).toList();
  }

  private static List<Path> files(Path folder, String ending) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> blocks(Path page) {
    return JAVA_BLOCK.matcher(text(page)).results().map(block -> block.group(1)).toList();
  }

  private static String first(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher.group(1);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
