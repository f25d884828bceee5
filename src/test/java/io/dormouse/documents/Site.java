package io.dormouse.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finishes the site that Maven has made of the pages, and then follows all its links, those of the
 * Javadoc included.
 *
 * <p>Pages link as is right in the repository. In the site, headings get the anchors that GitHub
 * gives them, pictures are in its top folder, a source is a page below {@code source}, and the
 * README is its first page.
 */
public final class Site {
  private static final Path PAGES = Path.of("src/site/markdown");
  private static final Path RESOURCES = Path.of("src/site/resources");

  /**
   * Where there are constants of one package only, JDK 17 links to a heading that it leaves out.
   */
  private static final Path CONSTANTS = Path.of("apidocs", "constant-values.html");

  private static final Pattern HEADING =
      Pattern.compile("<(h[1-6])>(.*?)</h[1-6]>", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\b(href|src)=\"([^\"]*)\"");

  /** Doxia writes what isn't ASCII in an anchor in bytes, and letters at its beginning. */
  private static final Pattern MANGLED =
      Pattern.compile(
          "(?<=href=\"[^\"#:]{0,99}#)(?:a(?=\\.))?([\\w-]*(?:\\.[0-9A-F]{2}[\\w-]*)+)(?=\")");

  private static final Pattern CHARACTER = Pattern.compile("&#(x)?([0-9a-fA-F]+);");
  private static final Pattern ANCHOR = Pattern.compile("\\b(?:id|name)=\"([^\"]*)\"");
  private static final Pattern COMMENT_OR_SCRIPT =
      Pattern.compile("<!--.*?-->|<script\\b[^>]*>[^<]*</script>", Pattern.DOTALL);

  private final Path site;
  private final Map<Path, Set<String>> anchors = new HashMap<>();
  private final Set<String> broken = new TreeSet<>();
  private int links;

  private Site(Path site) {
    this.site = site;
  }

  /**
   * Finishes and checks a site.
   *
   * @param args its folder
   */
  public static void main(String[] args) throws IOException {
    long began = System.nanoTime();
    Site site = new Site(Path.of(args[0]));
    List<Path> pages = site.pages();
    List<Path> ofJavadoc = pages.stream().filter(site::isOfJavadoc).toList();
    for (Path page : pages) {
      if (!site.isOfJavadoc(page)) {
        site.finish(page);
      }
    }
    for (Path page : site.pages()) {
      if (!page.endsWith(CONSTANTS)) {
        site.check(page);
      }
    }
    site.broken.forEach(System.out::println);
    System.out.printf(
        "The site has %,d pages and %,d of Javadoc; %,d links within it lead somewhere, %,d do not"
            + " (%.1f s): %s%n",
        pages.size() - ofJavadoc.size(),
        ofJavadoc.size(),
        site.links - site.broken.size(),
        site.broken.size(),
        (System.nanoTime() - began) / 1e9,
        site.site.resolve("index.html"));
    if (!site.broken.isEmpty()) {
      System.exit(1);
    }
  }

  private boolean isOfJavadoc(Path page) {
    return page.startsWith(site.resolve("apidocs"));
  }

  private List<Path> pages() throws IOException {
    Path sources = site.resolve("source");
    try (Stream<Path> files = Files.walk(site)) {
      return files
          .filter(file -> file.toString().endsWith(".html") && !file.startsWith(sources))
          .sorted()
          .toList();
    }
  }

  // ------------------------------------------------------------------------------- finishing

  private void finish(Path page) throws IOException {
    Map<String, Integer> seen = new HashMap<>();
    String text = HEADING.matcher(Files.readString(page)).replaceAll(found -> named(found, seen));
    text = MANGLED.matcher(text).replaceAll(found -> Matcher.quoteReplacement(unmangled(found)));
    text = LINK.matcher(text).replaceAll(found -> Matcher.quoteReplacement(led(page, found)));
    Files.writeString(page, text);
  }

  private static String named(MatchResult heading, Map<String, Integer> seen) {
    String anchor = Page.anchor(plain(heading.group(2).replaceAll("<[^>]*>", "")));
    int before = seen.merge(anchor, 1, Integer::sum) - 1;
    String unique = before == 0 ? anchor : anchor + "-" + before;
    String tag = heading.group(1);
    return Matcher.quoteReplacement(
        "<" + tag + " id=\"" + unique + "\">" + heading.group(2) + "</" + tag + ">");
  }

  private static String unmangled(MatchResult anchor) {
    return decoded(anchor.group(1).replace('.', '%'));
  }

  /** A link of a page as it is right in the site. */
  private String led(Path page, MatchResult link) {
    String to = link.group(2);
    if (to.isEmpty() || to.startsWith("#") || to.contains(":")) {
      return link.group();
    }
    Path folder = site.relativize(page).getParent();
    Path source = (folder == null ? PAGES : PAGES.resolve(folder)).resolve(path(to)).normalize();
    Path target;
    if (source.startsWith(RESOURCES)) {
      target = site.resolve(RESOURCES.relativize(source));
    } else if (source.equals(Path.of("README.html"))) { // made of README.md
      target = site.resolve("index.html");
    } else if (!source.startsWith(PAGES) && Files.isRegularFile(source)) {
      target = site.resolve("source").resolve(source + ".html");
      show(source, target);
    } else {
      return link.group();
    }
    String relative = page.getParent().relativize(target).toString();
    return link.group(1) + "=\"" + relative + "\"";
  }

  private static void show(Path source, Path target) {
    String text = Page.text(source).replace("&", "&amp;").replace("<", "&lt;");
    try {
      Files.createDirectories(target.getParent());
      Files.writeString(
          target,
          "<!doctype html><meta charset=\"utf-8\"><title>"
              + source.getFileName()
              + "</title><pre>"
              + text
              + "</pre>\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // -------------------------------------------------------------------------------- checking

  private void check(Path page) throws IOException {
    String text = COMMENT_OR_SCRIPT.matcher(Files.readString(page)).replaceAll("");
    Matcher link = LINK.matcher(text);
    while (link.find()) {
      String to = plain(link.group(2));
      if (!to.matches("(?i)[a-z]+:.*|//.*")) {
        links++;
        Path target = to.startsWith("#") ? page : page.resolveSibling(path(to)).normalize();
        int hash = to.indexOf('#');
        if (!leads(target, hash < 0 ? "" : to.substring(hash + 1))) {
          broken.add("broken: " + site.relativize(page) + " -> " + to);
        }
      }
    }
  }

  private boolean leads(Path target, String anchor) throws IOException {
    Path file = Files.isDirectory(target) ? target.resolve("index.html") : target;
    if (!Files.isRegularFile(file)) {
      return false;
    }
    if (anchor.isEmpty() || !file.toString().endsWith(".html")) {
      return true;
    }
    Set<String> there = anchors.get(file);
    if (there == null) {
      there = new HashSet<>();
      Matcher found = ANCHOR.matcher(Files.readString(file));
      while (found.find()) {
        there.add(plain(found.group(1)));
      }
      anchors.put(file, there);
    }
    return there.contains(anchor) || there.contains(decoded(anchor));
  }

  private static String path(String link) {
    int end = link.indexOf('#') < 0 ? link.length() : link.indexOf('#');
    int query = link.indexOf('?');
    return decoded(link.substring(0, query < 0 ? end : Math.min(query, end)));
  }

  private static String decoded(String link) {
    return URLDecoder.decode(link.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static String plain(String html) {
    return CHARACTER
        .matcher(html)
        .replaceAll(found -> Matcher.quoteReplacement(character(found)))
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
  }

  private static String character(MatchResult entity) {
    boolean hex = entity.group(1) != null;
    return Character.toString(Integer.parseInt(entity.group(2), hex ? 16 : 10));
  }
}
