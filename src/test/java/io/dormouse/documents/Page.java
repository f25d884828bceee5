package io.dormouse.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;

/**
 * A page of the documents: what it links to, what can be linked to in it, and the code it shows.
 *
 * @param file relative to the project
 * @param links where they lead, as written; those of images and of HTML included
 * @param anchors what may stand behind {@code #} in a link to it
 * @param blocks in order, those that are just indented included
 * @param spans the code within sentences
 * @param imagesWithoutText those of which a screen reader can say nothing
 */
record Page(
    Path file,
    List<String> links,
    Set<String> anchors,
    List<Block> blocks,
    List<String> spans,
    List<String> imagesWithoutText) {

  /** The language of a block that is indented and has no fences. */
  static final String INDENTED = "(indented)";

  private static final Pattern HTML_LINK = Pattern.compile("(?:href|src)\\s*=\\s*[\"'](.*?)[\"']");

  /** Code that a page shows. */
  record Block(Path page, String language, String code) {
    @Override
    public String toString() {
      return "a block of " + page + " in \"" + language + "\":\n" + code;
    }
  }

  /** All pages of the project, wherever they are: none can be forgotten. */
  static List<Page> all() {
    try (Stream<Path> top = Files.list(Path.of(""));
        Stream<Path> below = Files.walk(Path.of("src"))) {
      return Stream.concat(top, below)
          .filter(file -> file.getFileName().toString().endsWith(".md"))
          .sorted()
          .map(Page::of)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Page of(Path file) {
    return of(file, text(file));
  }

  static Page of(Path file, String markdown) {
    Page page =
        new Page(
            file,
            new ArrayList<>(),
            new LinkedHashSet<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    Parser.builder().build().parse(markdown).accept(page.new Reader());
    return page;
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Code without what depends on how deep it stands: a block is the same as its source if this is.
   */
  static String withoutDepth(String code) {
    return code.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  /** As GitHub makes it of a heading, but for the number of one that is there again. */
  static String anchor(String heading) {
    return heading
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{M}\\p{N}\\p{Pc} -]", "")
        .replace(' ', '-');
  }

  private final class Reader extends AbstractVisitor {
    private final Map<String, Integer> seen = new HashMap<>();

    @Override
    public void visit(Heading heading) {
      String anchor = anchor(textOf(heading));
      int before = seen.merge(anchor, 1, Integer::sum) - 1;
      anchors.add(before == 0 ? anchor : anchor + "-" + before);
      visitChildren(heading);
    }

    @Override
    public void visit(Link link) {
      links.add(link.getDestination());
      visitChildren(link);
    }

    @Override
    public void visit(Image image) {
      links.add(image.getDestination());
      if (textOf(image).isBlank()) {
        imagesWithoutText.add(image.getDestination());
      }
    }

    @Override
    public void visit(HtmlInline html) {
      ofHtml(html.getLiteral());
    }

    @Override
    public void visit(HtmlBlock html) {
      ofHtml(html.getLiteral());
    }

    private void ofHtml(String html) {
      Matcher link = HTML_LINK.matcher(html);
      while (link.find()) {
        links.add(link.group(1));
      }
    }

    @Override
    public void visit(FencedCodeBlock block) {
      String info = block.getInfo() == null ? "" : block.getInfo().strip();
      blocks.add(new Block(file, info, block.getLiteral()));
    }

    @Override
    public void visit(IndentedCodeBlock block) {
      blocks.add(new Block(file, INDENTED, block.getLiteral()));
    }

    @Override
    public void visit(Code code) {
      spans.add(code.getLiteral());
    }
  }

  private static String textOf(Node node) {
    StringBuilder text = new StringBuilder();
    node.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Text part) {
            text.append(part.getLiteral());
          }

          @Override
          public void visit(Code part) {
            text.append(part.getLiteral());
          }
        });
    return text.toString();
  }
}
