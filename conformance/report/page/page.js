(function () {
  'use strict';
  var rules = Array.prototype.slice.call(document.querySelectorAll('.rule'));
  var chips = Array.prototype.slice.call(document.querySelectorAll('.chip'));
  var search = document.getElementById('search');
  var texts = rules.map(function (r) { return (r.id + ' ' + r.textContent).toLowerCase(); });

  // A rule is shown when it holds every word and has one of the pressed statuses.
  function filter() {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var wanted = chips.filter(function (c) { return c.getAttribute('aria-pressed') === 'true'; })
      .map(function (c) { return c.dataset.filter; });
    var hits = 0;
    rules.forEach(function (r, i) {
      var hit = (!wanted.length || wanted.indexOf(r.dataset.status) >= 0) &&
        words.every(function (w) { return texts[i].indexOf(w) >= 0; });
      r.hidden = !hit;
      if (hit) hits++;
    });
    document.querySelectorAll('.chapter').forEach(function (c) { c.hidden = !c.querySelector('.rule:not([hidden])'); });
    document.querySelector('.red').hidden = words.length > 0 || wanted.length > 0;
    document.getElementById('none').hidden = hits > 0;
  }
  search.addEventListener('input', filter);
  chips.forEach(function (c) {
    c.addEventListener('click', function () {
      c.setAttribute('aria-pressed', c.getAttribute('aria-pressed') !== 'true');
      filter();
    });
  });
  document.addEventListener('keydown', function (e) {
    if (e.key === '/' && document.activeElement !== search) { e.preventDefault(); search.focus(); }
    if (e.key === 'Escape' && document.activeElement === search) { search.value = ''; filter(); }
  });

  // A deep link opens its rule, whatever is filtered.
  function follow() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.classList.contains('rule')) return;
    if (target.hidden) {
      search.value = '';
      chips.forEach(function (c) { c.setAttribute('aria-pressed', 'false'); });
      filter();
    }
    target.open = true;
    target.scrollIntoView();
  }
  window.addEventListener('hashchange', follow);
  follow();

  document.querySelectorAll('.rerun button').forEach(function (b) {
    b.addEventListener('click', function () {
      var code = b.parentNode.querySelector('code'), was = b.textContent;
      var range = document.createRange();
      range.selectNodeContents(code);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand('copy'); // also from file://, where navigator.clipboard is not
      b.textContent = b.dataset.copied;
      setTimeout(function () { b.textContent = was; }, 1500);
    });
  });
})();
