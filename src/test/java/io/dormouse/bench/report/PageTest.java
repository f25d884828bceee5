package io.dormouse.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class PageTest {
  @Test
  void newResultsStandInThePlaceOfTheOld() {
    String page = "# Head\n<!-- results: begin -->\nold\n<!-- results: end -->\nfoot\n";

    assertThat(Page.updated(page, "new\n"))
        .isEqualTo("# Head\n<!-- results: begin -->\nnew\n<!-- results: end -->\nfoot\n");
  }

  @Test
  void aPageWithoutAPlaceForThemStaysAsItIs() {
    assertThatIllegalArgumentException().isThrownBy(() -> Page.updated("# Head\n", "new\n"));
  }
}
