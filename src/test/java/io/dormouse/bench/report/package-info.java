/** How are the results told? As rows, in JSON, as a table and as a picture. */
package io.dormouse.bench.report;
