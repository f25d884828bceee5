package io.dormouse.observe.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class EscapedTest {
  @Test
  void whatIsMarkupBecomesText() {
    assertThat(Escaped.xml("<a b=\"c\" d='e'>&\u0000\uD800x"))
        .isEqualTo("&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\uFFFD\uFFFDx");
    assertThat(Escaped.json("</script>\"\\\n\u2028\uD83D\uDE00"))
        .isEqualTo("\"\\u003c/script\\u003e\\\"\\\\\\u000a\\u2028\\ud83d\\ude00\"");
  }

  @Test
  void noTextBecomesAnElementOfThePage() {
    String page = Samples.evil().toHtml(Samples.EVIL);
    String clean = Samples.of(1, 1_000_000).toHtml("clean");

    assertThat(count("<script", page)).isEqualTo(count("<script", clean)).isEqualTo(2);
    assertThat(count("</script", page)).isEqualTo(2);
    assertThat(count("<img", page)).isZero();
    assertThat(count("<!--", page)).isZero();
    // A part that looks like a place for a part is none.
    assertThat(count("@DATA@", page)).isEqualTo(5);
  }

  @Test
  void thePictureIsWellFormedAndKeepsItsTexts() throws Exception {
    Document picture = parsed(Samples.evil().toSvg(Samples.EVIL));

    assertThat(picture.getElementsByTagName("script").getLength()).isZero();
    assertThat(picture.getElementsByTagName("img").getLength()).isZero();
    assertThat(picture.getElementsByTagName("title").item(0).getTextContent())
        .startsWith("</script><script>");
    assertThat(parsed(Samples.of(40, 36_000_000_000L).toSvg("x")).getElementsByTagName("rect"))
        .satisfies(rects -> assertThat(rects.getLength()).isGreaterThan(200));
  }

  private static Document parsed(String xml) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
  }

  private static int count(String what, String text) {
    Matcher matcher = Pattern.compile(Pattern.quote(what)).matcher(text);
    int times = 0;
    while (matcher.find()) {
      times++;
    }
    return times;
  }
}
