package io.dormouse.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The code that the build compiles and pages may show.
 *
 * @param tests the text of each
 * @param regions what stands in a test between {@code // begin: name} and {@code // end: name}
 * @param examples the text of each as a whole, without its package
 * @param linesOfConsumers those of Kotlin and Gradle
 */
record Sources(
    Map<Path, String> tests,
    Set<String> regions,
    Map<Path, String> examples,
    Set<String> linesOfConsumers) {

  private static final Path TESTS = Path.of("src/test/java");
  private static final Path EXAMPLES = TESTS.resolve("io/dormouse/example");
  private static final Path CONSUMERS = Path.of("src/it");
  private static final Pattern REGION =
      Pattern.compile("// begin: \\w+\n(.*?)// end: \\w+\n", Pattern.DOTALL);

  static Sources read() {
    Map<Path, String> tests = new TreeMap<>();
    Set<String> regions = new HashSet<>();
    Map<Path, String> examples = new HashMap<>();
    for (Path file : files(TESTS, ".java")) {
      String text = Page.text(file);
      tests.put(file, text);
      Matcher region = REGION.matcher(text);
      while (region.find()) {
        regions.add(Page.withoutDepth(region.group(1)));
      }
      if (file.startsWith(EXAMPLES)) {
        examples.put(file, Page.withoutDepth(text.replaceFirst("package.*", "")));
      }
    }
    Set<String> lines = new HashSet<>();
    for (String ending : List.of(".kt", ".kts", ".gradle")) {
      for (Path file : files(CONSUMERS, ending)) {
        Page.text(file).lines().map(String::strip).forEach(lines::add);
      }
    }
    return new Sources(tests, regions, examples, lines);
  }

  static List<Path> files(Path folder, String ending) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
