package io.dormouse.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.documents.Page.Block;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The code that pages show. Each block is of a kind that is known here, and is the same as code
 * that is compiled, or names only what is there. What nobody checks says so: {@link #UNCHECKED}.
 */
class CodeBlocksTest {
  /** The folders of examples of which pages show each file as a whole. */
  private static final Set<String> SHOWN_WHOLE = Set.of("platforms", "tested");

  private static final Pattern COORDINATES =
      Pattern.compile("\\w+ ?\\(?[\"']([\\w.-]+:[\\w.-]+:[\\w.-]+)[\"']\\)?( //.*)?");

  /** The kinds of blocks that nothing checks, and what they are for. */
  private static final Map<String, String> UNCHECKED =
      Map.of(
          "", "diagrams, logs and what programs print",
          "text", "the same",
          "kotlin before", "what an app has before it migrates, with libraries that aren't here",
          "java before", "the same");

  /** What makes a diagram none. */
  private static final Pattern LOOKS_LIKE_CODE =
      Pattern.compile("(?m);( *//.*)?$|^ *(mvn|java|git|import|<\\w+>) ");

  private static final Sources SOURCES = Sources.read();
  private static final Pom POM = Pom.ofTheProject();
  private static final Commands COMMANDS = new Commands(POM, SOURCES);
  private static final List<Page> PAGES = Page.all();

  @Test
  void everyBlockIsOfAKnownKindAndRight() {
    List<String> wrong = new ArrayList<>();
    for (Page page : PAGES) {
      for (Block block : page.blocks()) {
        problem(block).ifPresent(what -> wrong.add(what + ", in " + block));
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyCommandInASentenceIsRight() {
    List<String> wrong = new ArrayList<>();
    for (Page page : PAGES) {
      for (String span : page.spans()) {
        if (span.startsWith("mvn ")) {
          COMMANDS.problem(span).ifPresent(what -> wrong.add(page.file() + ": " + what));
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyFileThatIsNamedIsThere() {
    for (Page page : PAGES) {
      for (String span : page.spans()) {
        if (span.matches("src/[\\w./-]+")) {
          assertThat(Path.of(span)).as("named by %s", page.file()).exists();
        }
      }
    }
  }

  @Test
  void everyRegionAndEveryWholeExampleIsShown() {
    Set<String> shown = new HashSet<>();
    for (Page page : PAGES) {
      page.blocks().forEach(block -> shown.add(Page.withoutDepth(block.code())));
    }
    assertThat(shown).containsAll(SOURCES.regions());
    SOURCES
        .examples()
        .forEach(
            (file, text) -> {
              boolean whole = SHOWN_WHOLE.contains(file.getParent().getFileName().toString());
              if (whole && !text.contains("// begin: ")) {
                assertThat(shown).as("with %s", file).contains(text);
              }
            });
  }

  @Test
  void whatIsWrongIsFound() {
    List<Block> wrong =
        List.of(
            block("java", "int notCompiledAnywhere;"),
            block("kotlin", "val notCompiledAnywhere = 1"),
            block("kotlin", "implementation(\"io.dormouse:dormouse:0.0.1\")"),
            block("xml", "<dependency>"),
            block("xml", dependency("io.dormouse", "dormouse", "0.0.1")),
            block("xml", dependency("org.nowhere", "nothing", "1")),
            block(Page.INDENTED, "mvn -Pnone verify"),
            block(Page.INDENTED, "mvn -DnobodyReadsThis=1 verify"),
            block(Page.INDENTED, "mvn -Dtest=NoSuchTest surefire:test"),
            block(Page.INDENTED, "mvn none:goal"),
            block(Page.INDENTED, "mvn vreify"),
            block(Page.INDENTED, "java src/it/None.java"),
            block(Page.INDENTED, "int notACommand;"),
            block(Page.INDENTED, "mvn verify\nnotACommand"),
            block("", "int x = 1; // a comment"),
            block("text", "  first\n  mvn verify"),
            block("cobol", "a kind that nobody knows"));
    assertThat(wrong).allSatisfy(block -> assertThat(problem(block)).as("%s", block).isPresent());
  }

  private static Block block(String language, String code) {
    return new Block(Path.of("README.md"), language, code);
  }

  private static String dependency(String group, String artifact, String version) {
    return String.format(
        "<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>",
        group, artifact, version);
  }

  /** What is wrong with a block. */
  private static Optional<String> problem(Block block) {
    String code = block.code();
    return switch (block.language()) {
      case "java" -> isCompiled(block) ? Optional.empty() : Optional.of("Java that isn't compiled");
      case "xml" -> POM.problemOfXml(code);
      case "kotlin", "groovy" -> problemOfGradleOrKotlin(block);
      case "sh" -> COMMANDS.problem(code);
      case Page.INDENTED ->
          Commands.beginsWithOne(code) ? COMMANDS.problem(code) : problemOfNoCode(code);
      case "", "text" -> problemOfNoCode(code);
      default ->
          UNCHECKED.containsKey(block.language())
              ? Optional.empty()
              : Optional.of("a kind of block that nothing checks");
    };
  }

  private static Optional<String> problemOfNoCode(String text) {
    return LOOKS_LIKE_CODE.matcher(text).find()
        ? Optional.of("code that does not say its language")
        : Optional.empty();
  }

  /** As a region of a test, or as the whole file of an example. */
  private static boolean isCompiled(Block block) {
    String shown = Page.withoutDepth(block.code());
    return SOURCES.regions().contains(shown) || SOURCES.examples().containsValue(shown);
  }

  /** Dependencies, or lines that stand in a file which the consumers' builds compile. */
  private static Optional<String> problemOfGradleOrKotlin(Block block) {
    for (String line : Page.withoutDepth(block.code()).lines().toList()) {
      Matcher dependency = COORDINATES.matcher(line);
      if (dependency.matches()) {
        Optional<String> problem = POM.problemOfCoordinates(dependency.group(1));
        if (problem.isPresent()) {
          return problem;
        }
      } else if (!line.startsWith("//") && !SOURCES.linesOfConsumers().contains(line)) {
        return Optional.of("a line that stands in no source: " + line);
      }
    }
    return Optional.empty();
  }
}
