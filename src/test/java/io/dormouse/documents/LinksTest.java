package io.dormouse.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Where the pages lead. Within the project that must be there: a file, and in a page a heading, as
 * GitHub names it (the site has the same names). Of addresses elsewhere only the form is looked at,
 * so that the network is not needed.
 */
class LinksTest {
  private static final List<Page> PAGES = Page.all();
  private static final Path SITE = Path.of("src/site/markdown");
  private static final Path MENU = Path.of("src/site/site.xml");
  private static final Pattern MENU_ITEM = Pattern.compile("href=\"([^\":]*)\\.html\"");

  @Test
  void everyLinkLeadsSomewhere() {
    List<String> broken = new ArrayList<>();
    for (Page page : PAGES) {
      for (String link : page.links()) {
        problem(page, link).ifPresent(what -> broken.add(page.file() + ": " + link + ": " + what));
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyImageHasAText() {
    assertThat(PAGES).allSatisfy(page -> assertThat(page.imagesWithoutText()).isEmpty());
  }

  @Test
  void everyPageCanBeReached() {
    Map<Path, Page> byFile = new HashMap<>();
    PAGES.forEach(page -> byFile.put(page.file(), page));
    Set<Path> reached = new HashSet<>();
    Deque<Path> ahead = new ArrayDeque<>(List.of(Path.of("README.md")));
    while (!ahead.isEmpty()) {
      Path file = ahead.remove();
      Page page = byFile.get(file);
      if (page != null && reached.add(file)) {
        page.links().forEach(link -> ahead.add(target(page, link)));
      }
    }
    assertThat(reached).containsExactlyInAnyOrderElementsOf(byFile.keySet());
  }

  @Test
  void theMenuOfTheSiteLeadsToPages() {
    Matcher item = MENU_ITEM.matcher(Page.text(MENU));
    while (item.find()) {
      if (!item.group(1).equals("apidocs/index")) { // the Javadoc
        assertThat(SITE.resolve(item.group(1) + ".md")).exists();
      }
    }
  }

  @Test
  void whatIsWrongIsFound() {
    Page page =
        Page.of(
            SITE.resolve("testing.md"),
            """
            # One, two & `three()`
            ## Again
            ## Again
            ## 中文 标题，第二
            [](#one-two--three) [](#again-1) [](#中文-标题第二) [](../../../README.md#use-it)
            ![a](../resources/timeline.svg) [x]: <a href="threads.md">
            """);
    assertThat(page.links()).hasSize(6);
    assertThat(page.links()).allSatisfy(link -> assertThat(problem(page, link)).isEmpty());

    List<String> wrong =
        List.of(
            "#again-2",
            "#Again",
            "nowhere.md",
            "threads.md#nowhere",
            "../resources",
            "../../../../elsewhere.md",
            "/etc/hosts",
            "threads.html",
            "http://plain.example.org",
            "https://",
            "https://nodots/",
            "https://example.org/a b",
            "mailto:nobody",
            "../../test/java/io/dormouse/documents/Page.java#L3",
            "");
    assertThat(wrong).allSatisfy(link -> assertThat(problem(page, link)).as(link).isPresent());
  }

  /** What is wrong with a link of a page. */
  private static Optional<String> problem(Page page, String link) {
    if (link.matches("[a-z]+:.*")) {
      return problemElsewhere(link);
    }
    int hash = link.indexOf('#');
    Path inside = target(page, link);
    if (link.isEmpty() || link.startsWith("/") || inside.startsWith("..")) {
      return Optional.of("leads out of the project");
    } else if (!Files.isRegularFile(inside)) {
      return Optional.of("there is no such file");
    } else if (hash < 0) {
      return Optional.empty();
    } else if (!inside.toString().endsWith(".md")) {
      return Optional.of("only pages have anchors");
    }
    Page there = inside.equals(page.file()) ? page : Page.of(inside);
    String anchor = link.substring(hash + 1);
    return there.anchors().contains(anchor)
        ? Optional.empty()
        : Optional.of("no such heading among " + there.anchors());
  }

  private static Path target(Page page, String link) {
    String path = link.replaceFirst("#.*", "");
    return path.isEmpty() ? page.file() : page.file().resolveSibling(path).normalize();
  }

  private static Optional<String> problemElsewhere(String link) {
    try {
      URI uri = new URI(link);
      boolean good =
          "https".equals(uri.getScheme()) && uri.getHost() != null && uri.getHost().contains(".");
      return good ? Optional.empty() : Optional.of("not https with a host");
    } catch (URISyntaxException e) {
      return Optional.of("no address: " + e.getMessage());
    }
  }
}
