// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What a flame graph does in a browser: zoom by click or Enter, back by Escape or the button,
// search by a regular expression. It asks nothing of any server, and makes no markup out of names.
(function () {
	"use strict";
	const NS = "http://www.w3.org/2000/svg", LEFT = 10, WIDTH = 1180, CHARACTER = 7.25;
	const svg = document.documentElement;
	const frames = Array.from(svg.querySelectorAll("g.f"), function (g) {
		const lines = g.querySelector("title").textContent.split("\n");
		return {
			g: g, rect: g.querySelector("rect"), text: g.querySelector("text"),
			x: Number(g.dataset.x), w: Number(g.dataset.w), level: Number(g.dataset.l),
			name: lines[0], words: lines.slice(0, 3).join("\n"),
		};
	});
	const all = frames.find(function (frame) { return frame.level === 0; });
	const found = document.getElementById("found"), reset = document.getElementById("reset");
	let zoomed = all;

	function cut(name, width) {
		const letters = Array.from(name), room = Math.floor((width - 6) / CHARACTER);
		if (letters.length <= room)
			return name;
		return room < 3 ? "" : letters.slice(0, room - 2).join("") + "..";
	}

	function place(frame, x, width) {
		frame.g.removeAttribute("display");
		frame.rect.setAttribute("x", x);
		frame.rect.setAttribute("width", width);
		frame.text.setAttribute("x", x + 3);
		frame.text.textContent = cut(frame.name, width);
	}

	function isBelow(frame, top) {
		return frame.level < top.level && frame.x <= top.x &&
			frame.x + frame.w >= top.x + top.w;
	}

	function isWithin(frame, top) {
		return frame.level >= top.level && frame.x >= top.x &&
			frame.x + frame.w <= top.x + top.w;
	}

	function zoom(top) {
		const scale = WIDTH / top.w;
		for (const frame of frames) {
			const below = isBelow(frame, top);
			frame.g.classList.toggle("below", below);
			if (below)
				place(frame, LEFT, WIDTH);
			else if (isWithin(frame, top))
				place(frame, LEFT + (frame.x - top.x) * scale, frame.w * scale);
			else
				frame.g.setAttribute("display", "none");
		}
		zoomed = top;
		svg.setAttribute("data-zoom", top === all ? "" : top.name);
		reset.setAttribute("display", top === all ? "none" : "inline");
		tell();
	}

	// of what is in sight; a frame on top of another that matches counts once
	function matched() {
		let end = -1, sum = 0;
		for (const frame of frames.filter(function (each) {
			return each.g.classList.contains("match") && isWithin(each, zoomed);
		}).sort(function (a, b) { return a.x - b.x || b.w - a.w; })) {
			if (frame.x + frame.w <= end)
				continue;
			sum += frame.w;
			end = frame.x + frame.w;
		}
		return sum;
	}

	function tell() {
		const searched = svg.hasAttribute("data-search");
		found.textContent = searched ?
			"matched: " + (100 * matched() / zoomed.w).toFixed(1) + " %" : "";
	}

	function search(words) {
		let expression = null;
		svg.removeAttribute("data-search");
		try {
			expression = words ? new RegExp(words, "im") : null;
		} catch (error) {
			found.textContent = "no regular expression";
			return;
		}
		for (const frame of frames)
			frame.g.classList.toggle("match",
				expression !== null && expression.test(frame.words));
		if (expression)
			svg.setAttribute("data-search", words);
		tell();
	}

	// made here, since it is of no use where this does not run
	function addInput() {
		const place = document.createElementNS(NS, "foreignObject");
		const input = document.createElementNS("http://www.w3.org/1999/xhtml", "input");
		place.setAttribute("x", 940);
		place.setAttribute("y", 8);
		place.setAttribute("width", 250);
		place.setAttribute("height", 28);
		input.id = "search";
		input.type = "search";
		input.placeholder = "search: regular expression";
		input.setAttribute("aria-label", "search frames by a regular expression");
		input.style.cssText = "width:242px;font:inherit;box-sizing:border-box";
		input.addEventListener("input", function () { search(input.value); });
		place.appendChild(input);
		svg.appendChild(place);
	}

	function onKey(event) {
		const inInput = event.target.id === "search";
		if (event.key === "Escape" && !inInput)
			zoom(all);
		else if (event.key === "Enter" && event.target === reset)
			zoom(all);
		else if (event.key === "Enter" && !inInput)
			zoomOf(event);
	}

	function zoomOf(event) {
		const g = event.target.closest("g.f");
		const frame = frames.find(function (each) { return each.g === g; });
		if (frame && frame.w > 0)
			zoom(frame);
	}

	if (!all)
		return;
	svg.addEventListener("click", zoomOf);
	svg.addEventListener("keydown", onKey);
	reset.addEventListener("click", function () { zoom(all); });
	addInput();
	svg.setAttribute("data-ready", "");
})();
